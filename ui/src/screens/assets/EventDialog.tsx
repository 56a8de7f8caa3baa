import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "@/api/client";
import { useT } from "@/catalogue/use";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Failed } from "@/parts/Failed";
import { TextArea } from "@/parts/fields";
import { jsonProblem } from "@/parts/json";
import { notify } from "@/parts/notices";
import type { Asset } from "./queries";

/** Says that an asset was updated: the same as if a task had written it. */
export function EventDialog({ asset, onClose }: { asset: Asset; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const [extra, setExtra] = useState("{}");
  const problem = extraProblem(extra);
  const save = useMutation({
    mutationFn: () => api.post("/api/v2/assets/events", { body: { asset_id: asset.id, extra: JSON.parse(extra) as Record<string, unknown> } }),
    meta: { quiet: true },
    onSuccess: () => {
      notify({ kind: "done", text: t("assets.created", { name: asset.name }) });
      void client.invalidateQueries({ queryKey: ["assets"] });
      onClose();
    },
  });
  return (
    <Dialog
      title={t("assets.createFor", { name: asset.name })}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button kind="main" type="submit" form="asset-event" busy={save.isPending} disabled={problem !== null}>
            {t("assets.createEvent")}
          </Button>
        </>
      }
    >
      <form
        id="asset-event"
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (problem === null) save.mutate();
        }}
      >
        <p>{asset.scheduled_dags.length > 0 ? t("assets.mayStart", { dags: asset.scheduled_dags.map((dag) => dag.dag_id).join(", ") }) : t("assets.startsNothing")}</p>
        <TextArea
          label={t("assets.extra")}
          hint={t("assets.extraHint")}
          rows={4}
          data-focus=""
          className="mono"
          value={extra}
          error={problem === null ? undefined : t("assets.badExtra", { problem })}
          onChange={(event) => setExtra(event.target.value)}
        />
        {save.error && <Failed error={save.error} />}
      </form>
    </Dialog>
  );
}

/** What keeps a text from being the extra of an event: it has to be a JSON object. */
export function extraProblem(text: string): string | null {
  const problem = jsonProblem(text);
  if (problem !== null) return problem;
  const value: unknown = JSON.parse(text);
  return typeof value === "object" && value !== null && !Array.isArray(value) ? null : "{ }";
}
