import type { ReactNode } from "react";
import styles from "./Tabs.module.css";

/** Where links to the parts of a screen stand: `<Tabs label=...><Link className={tabClass} activeProps={activeTab} ... /></Tabs>`. */
export function Tabs({ label, children }: { label: string; children: ReactNode }) {
  return (
    <nav className={styles.tabs} aria-label={label}>
      {children}
    </nav>
  );
}

export const tabClass = styles.tab ?? "";
export const activeTab = { className: styles.active ?? "" };
