import type { NextRun } from "@/api/types";
import { useT } from "@/catalogue/use";
import { Due } from "@/parts/Due";
import { DagLink } from "@/parts/links";
import { Card } from "@/parts/Page";
import { Time } from "@/time/Time";
import styles from "./Home.module.css";

const SHOWN = 8;

export function NextRuns({ runs }: { runs: readonly NextRun[] }) {
  const t = useT();
  return (
    <Card title={t("home.nextRuns")} actions={<span className="soft small">{t("home.nextRunsHint")}</span>} flush>
      {runs.length === 0 ? (
        <p className={styles.fine}>{t("home.noNextRuns")}</p>
      ) : (
        <ul className={styles.list}>
          {runs.slice(0, SHOWN).map((run) => (
            <li key={`${run.dag_id} ${run.run_after}`}>
              <div className={styles.line}>
                <DagLink dagId={run.dag_id}>{run.dag_display_name}</DagLink>
                <span className="small">
                  <Time value={run.run_after} dagZone={run.timezone} /> <Due at={run.run_after} />
                </span>
              </div>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
