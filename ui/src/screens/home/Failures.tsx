import type { RecentFailure } from "@/api/types";
import { useT } from "@/catalogue/use";
import { Empty } from "@/parts/Empty";
import { DagLink, TaskLink } from "@/parts/links";
import { Card } from "@/parts/Page";
import { StateIcon } from "@/parts/State";
import { Time } from "@/time/Time";
import styles from "./Home.module.css";

/** What failed lately, with the line that says why: two clicks from here to its log. */
export function Failures({ failures }: { failures: readonly RecentFailure[] }) {
  const t = useT();
  return (
    <Card title={t("home.recentFailures")} flush>
      {failures.length === 0 ? (
        <Empty icon="check" title={t("home.noFailures")}>
          <p>{t("home.noFailuresHint")}</p>
        </Empty>
      ) : (
        <ul className={styles.list}>
          {failures.map((failure) => (
            <li key={`${failure.dag_id} ${failure.run_id} ${failure.task_id} ${failure.map_index}`}>
              <div className={styles.line}>
                <div className="row">
                  <StateIcon state="failed" labelled />
                  <TaskLink
                    className={styles.main}
                    dagId={failure.dag_id}
                    runId={failure.run_id}
                    taskId={failure.task_id}
                    mapIndex={failure.map_index}
                  >
                    {failure.task_id}
                  </TaskLink>
                  <DagLink dagId={failure.dag_id} className="small">
                    {failure.dag_display_name}
                  </DagLink>
                  <span className="soft small">
                    {failure.map_index >= 0 && `${t("home.mapIndex", { index: failure.map_index })} · `}
                    {t("home.try", { number: failure.try_number })}
                  </span>
                </div>
                <span className="small">
                  <Time value={failure.end_date} />
                </span>
              </div>
              {failure.error ? (
                <code className={styles.error} title={failure.error}>
                  {failure.error}
                </code>
              ) : (
                <span className="soft small">{t("home.noReason")}</span>
              )}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
