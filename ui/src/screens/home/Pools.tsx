import type { Home } from "@/api/types";
import { useT } from "@/catalogue/use";
import { Card } from "@/parts/Page";
import styles from "./Home.module.css";

export function Pools({ pools }: { pools: Home["pools"] }) {
  const t = useT();
  return (
    <Card title={t("home.pools")} flush>
      <ul className={styles.list}>
        {pools.map((pool) => {
          const used = pool.running + pool.queued;
          return (
            <li key={pool.name}>
              <div className={styles.line}>
                <span translate="no">{pool.name}</span>
                <span className="soft small numeric">
                  {pool.slots < 0 ? t("home.unlimited", { used }) : t("home.slots", { used, slots: pool.slots })}
                </span>
              </div>
              {pool.slots > 0 && <Bar slots={pool.slots} running={pool.running} queued={pool.queued} />}
            </li>
          );
        })}
      </ul>
    </Card>
  );
}

function Bar({ slots, running, queued }: { slots: number; running: number; queued: number }) {
  const t = useT();
  return (
    <div className={styles.bar}>
      <svg
        viewBox={`0 0 ${slots} 1`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${running} ${t("home.running")}, ${queued} ${t("home.queued")}`}
      >
        <rect width={running} height="1" className={styles.runningPart} />
        <rect x={running} width={queued} height="1" className={styles.queuedPart} />
      </svg>
    </div>
  );
}
