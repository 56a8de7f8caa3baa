import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useConfig, useMay } from "@/api/config";
import { useT } from "@/catalogue/use";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Choices } from "@/parts/fields";
import { notify } from "@/parts/notices";
import { Changes } from "./Changes";
import { ReachOptions } from "./Options";
import { useTargetName } from "./name";
import { afterRunMark, type Mark, mark, nothing, type Reach, type Target } from "./targets";

/** Sets the state of a run, of tasks or of a task group by hand, after showing what will change. */
export function MarkDialog({ target, state: initial, onClose, onDone }: { target: Target; state: Mark; onClose: () => void; onDone?: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const name = useTargetName(target);
  const may = useMay("USER");
  const { role } = useConfig().user;
  const [state, setState] = useState<Mark>(initial);
  const [reach, setReach] = useState<Reach>(nothing);
  const preview = useQuery({
    queryKey: ["dag", target.dagId, "run", target.runId, "markPreview", target, state, reach],
    queryFn: ({ signal }) => mark(target, state, reach, true, signal),
    placeholderData: keepPreviousData,
    staleTime: 0,
    gcTime: 0,
  });
  const act = useMutation({
    mutationFn: () => mark(target, state, reach, false),
    onSuccess: () => {
      notify({ kind: "done", text: t("act.marked", { name, state: t(`state.${state}`) }) });
      void client.invalidateQueries({ queryKey: ["dag", target.dagId] });
      onDone?.();
      onClose();
    },
  });
  const choices: Mark[] = target.kind === "run" ? ["success", "failed"] : ["success", "failed", "skipped"];
  const count = preview.data?.total_entries ?? 0;
  return (
    <Dialog
      title={t("act.markTitle", { name })}
      wide
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button
            kind="main"
            busy={act.isPending}
            disabled={!preview.data || preview.isPlaceholderData || (count === 0 && target.kind !== "run")}
            why={may ? null : t("common.notAllowed", { role })}
            onClick={() => act.mutate()}
          >
            {t("act.markNow", { state: t(`state.${state}`) })}
          </Button>
        </>
      }
    >
      <div className="stack">
        <Choices
          label={t("act.newState")}
          value={state}
          options={choices.map((value) => ({ value, label: t(`state.${value}`) }))}
          onChange={(value) => setState(value as Mark)}
        />
        <p className="soft">{t(target.kind === "run" ? "act.markRunHint" : "act.markHint")}</p>
        {target.kind !== "run" && <ReachOptions value={reach} onChange={(change) => setReach((all) => ({ ...all, ...change }))} />}
        <Changes
          list={preview.data}
          updating={preview.isPlaceholderData}
          error={preview.error}
          retry={() => void preview.refetch()}
          becomes={(task) => (target.kind === "run" ? afterRunMark(task.state, state) : state)}
        />
      </div>
    </Dialog>
  );
}
