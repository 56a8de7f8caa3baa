import type { ReactNode } from "react";
import { Icon, type IconName } from "./Icon";
import styles from "./Empty.module.css";

/** Nothing here, and what to do next. */
export function Empty({ icon = "info", title, children }: { icon?: IconName; title: string; children?: ReactNode }) {
  return (
    <div className={styles.empty}>
      <Icon name={icon} />
      <strong>{title}</strong>
      {children && <div className={styles.next}>{children}</div>}
    </div>
  );
}
