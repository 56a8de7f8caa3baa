import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { poolUseQuery } from "@/api/keyed";
import type { TaskInstance } from "@/api/work";
import { useT } from "@/catalogue/use";
import { Failed } from "@/parts/Failed";
import { Loading } from "@/parts/Loading";
import { StateBadge } from "@/parts/State";
import { Duration } from "@/time/Duration";
import styles from "./Pools.module.css";

const HOLD = ["running", "queued", "restarting"];
const WAIT = ["scheduled"];

/** Who holds slots of a pool, and who waits for one. */
export function PoolUse({ pool }: { pool: string }) {
  const t = useT();
  return (
    <div className={styles.lists}>
      <TaskRows title={t("pools.holders")} empty={t("pools.noHolders")} pool={pool} states={HOLD} />
      <TaskRows title={t("pools.queue")} empty={t("pools.noQueue")} pool={pool} states={WAIT} />
    </div>
  );
}

function TaskRows({ title, empty, pool, states }: { title: string; empty: string; pool: string; states: readonly string[] }) {
  const t = useT();
  const list = useQuery(poolUseQuery(pool, states));
  return (
    <section className={styles.tasks}>
      <h2>{list.data ? `${title} (${list.data.total_entries})` : title}</h2>
      {list.isPending && <Loading lines={2} />}
      {list.error && <Failed error={list.error} retry={() => void list.refetch()} />}
      {list.data?.total_entries === 0 && <p className="soft">{empty}</p>}
      <ul>
        {list.data?.task_instances.map((task) => (
          <li key={`${task.dag_id} ${task.dag_run_id} ${task.task_id} ${task.map_index}`}>
            <StateBadge state={task.state} />
            <TaskName task={task} />
            <span className="soft small numeric">
              {t("pools.takes", { count: task.pool_slots })} <Duration start={task.start_date ?? task.scheduled_when} end={null} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function TaskName({ task }: { task: TaskInstance }) {
  return (
    <Link
      to="/dags/$dagId/runs/$runId/tasks/$taskId"
      params={{ dagId: task.dag_id, runId: task.dag_run_id, taskId: task.task_id }}
      search={task.map_index >= 0 ? { map_index: task.map_index } : {}}
      translate="no"
    >
      {task.dag_display_name} · {task.task_display_name}
      {task.map_index >= 0 && ` [${task.map_index}]`}
    </Link>
  );
}
