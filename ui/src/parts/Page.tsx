import { type ReactNode, useEffect } from "react";
import { instanceName } from "@/api/base";
import styles from "./Page.module.css";

interface Props {
  title: ReactNode;
  /** For the title of the tab, where `title` is more than text. */
  name?: string;
  /** Above the title: where this stands. */
  above?: ReactNode;
  /** Beside the title: acts on the whole. */
  actions?: ReactNode;
  children: ReactNode;
}

/** A screen: its title, its acts, its content. */
export function Page({ title, name, above, actions, children }: Props) {
  const tab = name ?? (typeof title === "string" ? title : "");
  useEffect(() => {
    document.title = tab ? `${tab} - ${instanceName}` : instanceName;
  }, [tab]);
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <div className={styles.titles}>
          {above && <div className={styles.above}>{above}</div>}
          <h1 tabIndex={-1}>{title}</h1>
        </div>
        {actions && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

/** A part of a screen with a frame. */
export function Card({ title, actions, flush = false, children }: { title?: ReactNode; actions?: ReactNode; flush?: boolean; children: ReactNode }) {
  return (
    <section className={styles.card}>
      {title && (
        <header className={styles.cardHead}>
          <h2>{title}</h2>
          {actions}
        </header>
      )}
      <div className={flush ? styles.flush : styles.cardBody}>{children}</div>
    </section>
  );
}
