import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "@/api/client";
import { useConfig, useMay } from "@/api/config";
import { useT } from "@/catalogue/use";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { TextArea } from "@/parts/fields";
import { notify } from "@/parts/notices";

interface Props {
  dagId: string;
  runId: string;
  /** A note on a task instance instead of the run. */
  task?: { taskId: string; mapIndex: number };
  note: string | null;
  onClose: () => void;
}

/** Writes the note of a run or a task instance; an empty one takes it away. */
export function NoteDialog({ dagId, runId, task, note, onClose }: Props) {
  const t = useT();
  const client = useQueryClient();
  const may = useMay("USER");
  const { role } = useConfig().user;
  const [text, setText] = useState(note ?? "");
  const save = useMutation({
    mutationFn: async () => {
      const body = { note: text.trim() === "" ? null : text.trim() };
      const run = { dag_id: dagId, dag_run_id: runId };
      const query = { update_mask: "note" };
      if (task) {
        const path = { ...run, task_id: task.taskId, map_index: task.mapIndex };
        await api.patch("/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}", { path, body, query });
      } else {
        await api.patch("/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}", { path: run, body, query });
      }
    },
    onSuccess: () => {
      notify({ kind: "done", text: t("act.noteSaved") });
      void client.invalidateQueries({ queryKey: ["dag", dagId] });
      onClose();
    },
  });
  return (
    <Dialog
      title={t("act.noteTitle")}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button kind="main" busy={save.isPending} why={may ? null : t("common.notAllowed", { role })} onClick={() => save.mutate()}>
            {t("common.save")}
          </Button>
        </>
      }
    >
      <TextArea label={t("act.note")} bare rows={6} maxLength={1000} data-focus="" value={text} onChange={(event) => setText(event.target.value)} />
    </Dialog>
  );
}
