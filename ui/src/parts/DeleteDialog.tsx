import { useT } from "@/catalogue/use";
import { Button } from "./Button";
import { Dialog } from "./Dialog";

/** Asks before something is deleted for good. */
export function DeleteDialog({ title, hint, busy, onDelete, onClose }: { title: string; hint: string; busy: boolean; onDelete: () => void; onClose: () => void }) {
  const t = useT();
  return (
    <Dialog
      title={title}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose} data-focus="">
            {t("common.cancel")}
          </Button>
          <Button kind="danger" icon="trash" busy={busy} onClick={onDelete}>
            {t("common.delete")}
          </Button>
        </>
      }
    >
      <p>{hint}</p>
    </Dialog>
  );
}
