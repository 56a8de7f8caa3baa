import { Link } from "@tanstack/react-router";
import type { Dependency, DependencyLink, Holder } from "@/api/work";
import type { Translate } from "@/catalogue/translate";
import { useT } from "@/catalogue/use";
import { Time } from "@/time/Time";
import { Icon } from "./Icon";
import { dagAddress, runAddress, taskAddress } from "./links";
import styles from "./Why.module.css";

/** What a task or a run waits for: each condition in words, since when, until when, and ways to what holds it back. */
export function Why({ entries }: { entries: readonly Dependency[] }) {
  return (
    <ul className={styles.list}>
      {entries.map((entry) => (
        <WhyEntry key={`${entry.name} ${entry.reason}`} entry={entry} />
      ))}
    </ul>
  );
}

function WhyEntry({ entry }: { entry: Dependency }) {
  const t = useT();
  const holders = entry.holders ?? [];
  return (
    <li className={styles.entry}>
      <Icon name="time" />
      <div className={styles.body}>
        <strong>{name(entry, t)}</strong>
        <p>{entry.reason}</p>
        {(entry.since || entry.until) && (
          <p className={styles.times}>
            {entry.since && (
              <span>
                {t("why.since")} <Time value={entry.since} />
              </span>
            )}
            {entry.until && (
              <span>
                {t("why.until")} <Time value={entry.until} />
              </span>
            )}
          </p>
        )}
        {entry.links && entry.links.length > 0 && (
          <ul className={styles.links} aria-label={t("why.links")}>
            {entry.links.map((link) => (
              <li key={JSON.stringify(link)}>
                <WhyLink link={link} />
              </li>
            ))}
          </ul>
        )}
        {holders.length > 0 && (
          <details className={styles.holders} open={holders.length <= 5}>
            <summary>{t("why.holders", { count: holders.length })}</summary>
            <ul>
              {holders.map((holder) => (
                <li key={JSON.stringify(holder)}>
                  <HolderLink holder={holder} />
                </li>
              ))}
            </ul>
          </details>
        )}
      </div>
    </li>
  );
}

/** The codes that we have words for; the name that the server gives stands for others. */
const kinds = [
  "dag_run_state",
  "task_instance_state",
  "trigger_rule",
  "previous_dag_run",
  "retry_wait",
  "reschedule_wait",
  "skipped_by_branch",
  "task_dates",
  "mapped_upstream",
  "not_expanded",
  "pool",
  "max_active_tis_per_dag",
  "max_active_tis_per_dagrun",
  "parallelism",
  "max_active_tasks",
  "max_active_runs",
  "run_after",
  "dag_paused",
  "dag_stale",
  "no_scheduler",
  "no_worker",
  "worker_busy",
  "unknown_task",
] as const;

function name(entry: Dependency, t: Translate): string {
  const kind = kinds.find((kind) => kind === entry.kind);
  return kind ? t(`why.kind.${kind}`) : entry.name;
}

function WhyLink({ link }: { link: DependencyLink }) {
  const t = useT();
  const { dag_id: dagId, run_id: runId, task_id: taskId, map_index: mapIndex, pool } = link;
  if (link.rel === "pool" && pool) {
    return <Link to={"/pools" as string}>{t("why.pool", { name: pool })}</Link>;
  }
  if (dagId && runId && taskId) {
    return (
      <Link {...taskAddress({ dagId, runId, taskId, mapIndex: mapIndex ?? undefined })}>
        {t("why.task", { task: mapIndex !== undefined && mapIndex !== null && mapIndex >= 0 ? `${taskId}[${mapIndex}]` : taskId, run: runId })}
      </Link>
    );
  }
  if (dagId && runId) return <Link {...runAddress(dagId, runId)}>{t("why.run", { run: runId })}</Link>;
  if (dagId) return <Link {...dagAddress(dagId)}>{t("why.dag", { dag: dagId })}</Link>;
  return <span>{taskId ?? pool}</span>;
}

function HolderLink({ holder }: { holder: Holder }) {
  const { dag_id: dagId, run_id: runId, task_id: taskId, map_index: mapIndex } = holder;
  if (!taskId) {
    return (
      <Link {...runAddress(dagId, runId)}>
        {dagId} · {runId}
      </Link>
    );
  }
  return (
    <Link {...taskAddress({ dagId, runId, taskId, mapIndex: mapIndex ?? undefined })}>
      {dagId} · {runId} · {taskId}
      {mapIndex !== undefined && mapIndex !== null && mapIndex >= 0 ? `[${mapIndex}]` : ""}
    </Link>
  );
}
