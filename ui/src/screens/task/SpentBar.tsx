import type { TaskTry } from "@/api/work";
import { useLocale, useT } from "@/catalogue/use";
import { useNow } from "@/time/clock";
import { duration } from "@/time/words";
import { spent } from "./spent";
import styles from "./Task.module.css";

/** Where the time of a try went: waiting for a place, waiting for a worker, running. */
export function SpentBar({ shown }: { shown: TaskTry }) {
  const t = useT();
  const locale = useLocale();
  const now = useNow();
  const parts = spent(shown, now);
  const total = parts.reduce((sum, part) => sum + part.seconds, 0);
  if (parts.length < 2 || total <= 0) return null;
  return (
    <div className={styles.spent}>
      <div className={styles.spentBar} aria-hidden="true">
        {parts.map((part) => (
          <span key={part.state} className={styles[part.state]} style={{ flexGrow: Math.max(part.seconds / total, 0.01) }} />
        ))}
      </div>
      <ul>
        {parts.map((part) => (
          <li key={part.state}>
            <span className={`${styles.dot} ${styles[part.state]}`} aria-hidden="true" />
            {t(`task.spent.${part.state}`)} <strong className="numeric">{duration(part.seconds, locale)}</strong>
          </li>
        ))}
      </ul>
    </div>
  );
}
