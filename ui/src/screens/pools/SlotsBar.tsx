import type { Pool } from "@/api/keyed";
import { useT } from "@/catalogue/use";
import styles from "./Pools.module.css";

/** How the slots of a pool are used, as a bar and in numbers. */
export function SlotsBar({ pool }: { pool: Pool }) {
  const t = useT();
  const deferred = pool.include_deferred ? pool.deferred_slots : 0;
  const used = pool.running_slots + pool.queued_slots + deferred;
  const total = pool.slots < 0 ? Math.max(used, 1) : Math.max(pool.slots, used, 1);
  const parts = [
    { state: "running", count: pool.running_slots },
    { state: "queued", count: pool.queued_slots },
    { state: "deferred", count: deferred },
  ] as const;
  const words = parts.filter((part) => part.count > 0).map((part) => `${t(`state.${part.state}`)} ${part.count}`);
  return (
    <div className={styles.slots}>
      <div className={styles.bar} aria-hidden="true">
        {parts.map((part) => part.count > 0 && <span key={part.state} className={styles[part.state]} style={{ width: `${(100 * part.count) / total}%` }} />)}
      </div>
      <span className="numeric small">
        {t("pools.used", { used, slots: pool.slots < 0 ? "∞" : pool.slots })}
        {words.length > 0 && <span className="soft"> · {words.join(" · ")}</span>}
      </span>
    </div>
  );
}
