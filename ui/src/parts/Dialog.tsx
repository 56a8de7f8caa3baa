import { type ReactNode, useCallback, useEffect, useId, useState } from "react";
import { useT } from "@/catalogue/use";
import styles from "./Dialog.module.css";
import { rememberFocus } from "./focus";
import { Icon } from "./Icon";
import { Portal } from "./portal";

interface Props {
  title: string;
  children: ReactNode;
  /** Buttons; the last is the main one. */
  actions?: ReactNode;
  wide?: boolean;
  /** At the upper edge instead of the middle: its height changes while it is used. */
  high?: boolean;
  onClose: () => void;
}

/**
 * A modal dialog: the browser's own, which keeps the focus in, gives it back, and makes the page behind it inert.
 * Render it while it is open: `{open && <Dialog ... />}`.
 */
export function Dialog({ title, children, actions, wide = false, high = false, onClose }: Props) {
  const t = useT();
  const id = useId();
  const [element, setElement] = useState<HTMLDialogElement | null>(null);
  // What had the focus gets it back, also when the dialog is taken away instead of closed.
  const [giveBack] = useState(rememberFocus);
  const opened = useCallback((dialog: HTMLDialogElement | null) => {
    if (dialog && !dialog.open) {
      dialog.showModal();
      // The reader starts at the field that is meant to be filled in, else at the title.
      (dialog.querySelector<HTMLElement>("[data-focus]") ?? dialog.querySelector("h2"))?.focus();
    }
    setElement(dialog);
  }, []);
  useEffect(() => giveBack, [giveBack]);
  return (
    <dialog
      ref={opened}
      className={`${styles.dialog} ${wide ? styles.wide : ""} ${high ? styles.high : ""}`}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClose={onClose}
    >
      <Portal value={element}>
        <header className={styles.head}>
          <h2 id={id} tabIndex={-1}>{title}</h2>
          <button type="button" className={styles.close} onClick={onClose} aria-label={t("common.close")}>
            <Icon name="close" />
          </button>
        </header>
        <div className={styles.body}>{children}</div>
        {actions && <footer className={styles.actions}>{actions}</footer>}
      </Portal>
    </dialog>
  );
}
