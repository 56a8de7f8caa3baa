import type { Touched, TouchedList } from "@/api/work";
import { useT } from "@/catalogue/use";
import { Failed } from "@/parts/Failed";
import { Loading } from "@/parts/Loading";
import { StateBadge } from "@/parts/State";
import styles from "./dialogs.module.css";

/** More rows than this are counted and not shown. */
const SHOWN = 300;

interface Props {
  list: TouchedList | undefined;
  /** It is being asked for again. */
  updating: boolean;
  error: unknown;
  retry: () => void;
  /** What a task instance becomes. */
  becomes: (task: Touched) => string | null;
}

/** The exact list of what will change. */
export function Changes({ list, updating, error, retry, becomes }: Props) {
  const t = useT();
  if (error) return <Failed error={error} retry={retry} />;
  if (!list) return <Loading />;
  const runs = byRun(list.task_instances.slice(0, SHOWN));
  const runCount = new Set(list.task_instances.map((task) => task.dag_run_id)).size;
  const hidden = list.total_entries - Math.min(list.task_instances.length, SHOWN);
  return (
    <section className={styles.changes} aria-label={t("act.changes")} aria-busy={updating}>
      <p role="status">
        <strong>{t("act.count", { count: list.total_entries })}</strong> {runCount > 1 && t("act.inRuns", { count: runCount })}
      </p>
      {list.total_entries > 0 && (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a long list must be reachable to be scrolled
        <ul className={`${styles.list} ${updating ? styles.updating : ""}`} tabIndex={0} aria-label={t("act.changes")}>
          {runs.map(([run, tasks]) => (
            <li key={run}>
              {runs.length > 1 && <div className={styles.run} translate="no">{run}</div>}
              {tasks.map((task) => (
                <div key={`${task.task_id} ${task.map_index}`} className={styles.task}>
                  <span className={styles.name} translate="no">
                    {task.task_display_name}
                    {(task.map_index ?? -1) >= 0 && <span className="soft"> [{task.rendered_map_index ?? task.map_index}]</span>}
                  </span>
                  <span className={styles.becomes}>
                    {task.map_index === undefined ? t("act.newTask") : <StateBadge state={task.state} />}
                    <span aria-hidden="true">→</span>
                    <span className="visually-hidden">{t("act.becomes")}</span>
                    <StateBadge state={becomes(task)} />
                  </span>
                </div>
              ))}
            </li>
          ))}
          {hidden > 0 && <li className={styles.more}>{t("act.moreRows", { count: hidden })}</li>}
        </ul>
      )}
    </section>
  );
}

/** By run, in the order in which they came. */
export function byRun(tasks: readonly Touched[]): [string, Touched[]][] {
  const runs = new Map<string, Touched[]>();
  for (const task of tasks) {
    const run = task.dag_run_id ?? "";
    const list = runs.get(run);
    if (list) list.push(task);
    else runs.set(run, [task]);
  }
  return [...runs];
}
