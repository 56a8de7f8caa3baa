import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { unpausePreviewQuery } from "@/api/queries";
import type { UnpausePreview } from "@/api/types";
import { useT } from "@/catalogue/use";
import { notify } from "@/parts/notices";
import { Switch } from "@/parts/Switch";
import { UnpauseDialog } from "./UnpauseDialog";
import { usePause } from "./mutations";

interface Props {
  dag: { dag_id: string; dag_display_name: string; is_paused: boolean };
  /** Why it cannot be switched. */
  why: string | null;
}

/** Pauses a DAG, or unpauses it after showing which runs that starts. */
export function PauseSwitch({ dag, why }: Props) {
  const t = useT();
  const client = useQueryClient();
  const pause = usePause(dag);
  const [asking, setAsking] = useState(false);
  const [preview, setPreview] = useState<UnpausePreview | null>(null);
  const name = dag.dag_display_name;
  const unpause = async (fromNow: boolean) => {
    await pause.mutateAsync({ paused: false, fromNow });
    setPreview(null);
    notify({ kind: "done", text: t("dags.unpaused", { dag: name }) });
  };
  const change = async (on: boolean) => {
    try {
      if (!on) {
        await pause.mutateAsync({ paused: true });
        notify({ kind: "done", text: t("dags.pausedDone", { dag: name }) });
        return;
      }
      setAsking(true);
      const found = await client.fetchQuery(unpausePreviewQuery(dag.dag_id)).finally(() => setAsking(false));
      // One run that is due is what anybody expects of a schedule.
      if (found.count > 1) setPreview(found);
      else await unpause(false);
    } catch (error) {
      // What the change itself failed with is shown already.
      if (!pause.isError && error !== pause.error) notify({ kind: "failed", error });
    }
  };
  return (
    <>
      <Switch
        checked={!dag.is_paused}
        label={t(dag.is_paused ? "dags.unpause" : "dags.pause", { dag: name })}
        busy={asking || pause.isPending}
        why={why}
        onChange={(on) => void change(on)}
      />
      {preview && (
        <UnpauseDialog
          name={name}
          preview={preview}
          busy={pause.isPending}
          onUnpause={(fromNow) => void unpause(fromNow).catch(() => undefined)}
          onClose={() => setPreview(null)}
        />
      )}
    </>
  );
}
