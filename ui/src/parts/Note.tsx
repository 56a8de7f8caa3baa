import { lazy, Suspense, useState } from "react";
import { useConfig, useMay } from "@/api/config";
import { useT } from "@/catalogue/use";
import { IconButton } from "./Button";
import styles from "./Note.module.css";

const NoteDialog = lazy(() => import("@/dialogs/NoteDialog").then((module) => ({ default: module.NoteDialog })));

interface Props {
  dagId: string;
  runId: string;
  /** A note on a task instance instead of the run. */
  task?: { taskId: string; mapIndex: number };
  note: string | null;
}

/** The note that people left on a run or a task, and a way to change it. */
export function Note(props: Props) {
  const t = useT();
  const may = useMay("USER");
  const { user } = useConfig();
  const [open, setOpen] = useState(false);
  return (
    <div className={styles.note}>
      {props.note ? <p className={styles.text}>{props.note}</p> : <p className="soft">{t("note.empty")}</p>}
      <IconButton
        icon="edit"
        label={t(props.note ? "note.edit" : "note.add")}
        why={may ? null : t("common.notAllowed", { role: user.role })}
        onClick={() => setOpen(true)}
      />
      {open && (
        <Suspense>
          <NoteDialog {...props} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </div>
  );
}
