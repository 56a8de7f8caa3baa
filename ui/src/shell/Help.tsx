import { Fragment } from "react";
import { useT } from "@/catalogue/use";
import { caps, listShortcuts, type Shortcut } from "@/keys/registry";
import { Dialog } from "@/parts/Dialog";
import styles from "./Help.module.css";

/** The list of shortcuts that work now. */
export function Help({ onClose }: { onClose: () => void }) {
  const t = useT();
  const all = listShortcuts();
  const groups = [
    [t("shell.keyGroupPage"), all.filter((one) => one.local)],
    [t("shell.keyGroupEverywhere"), all.filter((one) => !one.local)],
  ] as const;
  return (
    <Dialog title={t("shell.shortcuts")} onClose={onClose}>
      {groups.map(
        ([title, shortcuts]) =>
          shortcuts.length > 0 && (
            <section key={title} className={styles.group}>
              <h3>{title}</h3>
              <dl className={styles.list}>
                {shortcuts.map((shortcut) => (
                  <Row key={shortcut.keys} shortcut={shortcut} />
                ))}
              </dl>
            </section>
          ),
      )}
    </Dialog>
  );
}

function Row({ shortcut }: { shortcut: Shortcut }) {
  const t = useT();
  return (
    <div>
      <dt>{t(shortcut.label as "shell.home")}</dt>
      <dd>
        {caps(shortcut.keys).map((press, index) => (
          <Fragment key={press.join("+")}>
            {index > 0 && <span className="soft small"> {t("shell.keyThen")} </span>}
            {press.map((cap) => (
              <kbd key={cap}>{cap}</kbd>
            ))}
          </Fragment>
        ))}
      </dd>
    </div>
  );
}
