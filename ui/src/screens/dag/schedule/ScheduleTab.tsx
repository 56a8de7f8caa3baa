import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { scheduleQuery } from "@/api/dag";
import type { PlannedRun } from "@/api/types";
import { unpausePreviewQuery } from "@/api/queries";
import type { MissedRun } from "@/api/types";
import { type DagDetails, dagDetailsQuery } from "@/api/work";
import { useLocale, useT } from "@/catalogue/use";
import { Empty } from "@/parts/Empty";
import { Failed } from "@/parts/Failed";
import { Loading } from "@/parts/Loading";
import { Card } from "@/parts/Page";
import table from "@/parts/table.module.css";
import { useScheduleWords } from "@/time/schedule";
import { Time } from "@/time/Time";
import { duration } from "@/time/words";
import { shown } from "@/time/zone";
import { DayField } from "../DayField";
import { seconds } from "./iso";
import styles from "./Schedule.module.css";

const route = getRouteApi("/app/dags/$dagId/schedule");

/** When a DAG runs: by which rules, which runs come next, and what unpausing it would start. */
export function ScheduleTab() {
  const t = useT();
  const { dagId } = route.useParams();
  const { from } = route.useSearch();
  const navigate = route.useNavigate();
  const dag = useQuery(dagDetailsQuery(dagId)).data;
  const schedule = useQuery(scheduleQuery(dagId, from));
  const data = schedule.data;
  return (
    <div className={styles.columns}>
      <div className="stack">
        <Card
          title={t("schedule.upcoming")}
          flush
          actions={
            <div className={styles.from}>
              <DayField label={t("schedule.from")} value={from} begins onChange={(from) => void navigate({ search: { from }, replace: true })} />
            </div>
          }
        >
          {schedule.isPending && <Loading lines={6} />}
          {schedule.error && <Failed error={schedule.error} retry={() => void schedule.refetch()} />}
          {data && data.runs.length === 0 && (
            <Empty icon="time" title={t("schedule.empty")}>
              {t("schedule.emptyHint")}
            </Empty>
          )}
          {data && data.runs.length > 0 && <Planned runs={data.runs} zone={data.timezone} />}
        </Card>
      </div>
      <div className="stack">
        {dag && <Unpausing dag={dag} />}
        {dag && <Rules dag={dag} zone={data?.timezone ?? dag.timezone ?? "UTC"} />}
      </div>
    </div>
  );
}

function Planned({ runs, zone }: { runs: readonly PlannedRun[]; zone: string }) {
  const t = useT();
  const intervals = runs.some((run) => run.data_interval_start && run.data_interval_start !== run.data_interval_end);
  const marks = runs.some((run) => run.mark);
  return (
    <table className={table.table} aria-label={t("schedule.upcoming")}>
      <thead>
        <tr>
          <th scope="col">{t("schedule.due")}</th>
          <th scope="col">{t("schedule.logical")}</th>
          {intervals && <th scope="col">{t("schedule.interval")}</th>}
          {marks && <th scope="col">{t("schedule.offset")}</th>}
          {marks && <th scope="col">{t("schedule.mark")}</th>}
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => (
          <tr key={`${run.run_after} ${run.logical_date}`} className={run.mark ? styles.marked : undefined}>
            <td>
              <Time value={run.run_after} />
            </td>
            <td>{run.logical_date ? <Time value={run.logical_date} show="absolute" /> : "-"}</td>
            {intervals && (
              <td className={styles.interval}>
                {run.data_interval_start && run.data_interval_end && (
                  <>
                    <span>{inZone(run.data_interval_start, zone)}</span> <span>→ {inZone(run.data_interval_end, zone)}</span>
                  </>
                )}
              </td>
            )}
            {marks && <td className="numeric">{run.utc_offset}</td>}
            {marks && <td>{run.mark && <span title={run.mark_text ?? undefined}>{t(run.mark === "gap" ? "schedule.gap" : "schedule.repeat")}</span>}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** In the DAG's own zone, in which its author thinks. */
const inZone = (value: string, zone: string) => <time dateTime={value}>{shown(new Date(value), zone)}</time>;

function Rules({ dag, zone }: { dag: DagDetails; zone: string }) {
  const t = useT();
  const locale = useLocale();
  const words = useScheduleWords(dag.timetable_summary, dag.timetable_description);
  const timeout = dag.dag_run_timeout ? seconds(dag.dag_run_timeout) : null;
  const rows: [string, ReactNode][] = [
    [t("schedule.timetable"), words || t("dag.scheduleNone")],
    [t("schedule.zone"), zone],
    [t("schedule.catchup"), t(dag.catchup ? "schedule.catchupOn" : "schedule.catchupOff")],
    [t("schedule.begins"), dag.start_date ? <Time key="begins" value={dag.start_date} show="absolute" /> : "-"],
    [t("schedule.ends"), dag.end_date ? <Time key="ends" value={dag.end_date} show="absolute" /> : t("schedule.noEnd")],
    [t("schedule.maxRuns"), dag.max_active_runs === null ? t("schedule.unlimited") : new Intl.NumberFormat(locale).format(dag.max_active_runs)],
    [t("schedule.maxTasks"), new Intl.NumberFormat(locale).format(dag.max_active_tasks)],
    [t("schedule.timeout"), timeout === null ? t("schedule.unlimited") : duration(timeout, locale)],
    ...(dag.max_consecutive_failed_dag_runs > 0
      ? [[t("schedule.failuresToPause"), new Intl.NumberFormat(locale).format(dag.max_consecutive_failed_dag_runs)] as [string, ReactNode]]
      : []),
  ];
  return (
    <Card title={t("dag.schedule")}>
      <dl className={styles.rules}>
        {rows.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}

/** A run is known by its logical date, where it has one. */
const dateOf = (run: MissedRun | null) => run?.logical_date ?? run?.run_after;

function Unpausing({ dag }: { dag: DagDetails }) {
  const t = useT();
  const preview = useQuery({ ...unpausePreviewQuery(dag.dag_id), enabled: dag.is_paused });
  const found = preview.data;
  const line = (label: string, at: string | null | undefined) =>
    at && (
      <div>
        <dt>{label}</dt>
        <dd>
          <Time value={at} />
        </dd>
      </div>
    );
  return (
    <Card title={t("schedule.whatUnpausing")}>
      {!dag.is_paused && <p className="soft">{t("schedule.notPaused")}</p>}
      {dag.is_paused && preview.isPending && <Loading />}
      {preview.error && <Failed error={preview.error} retry={() => void preview.refetch()} />}
      {dag.is_paused && found && (
        <div className="stack">
          <p>
            {found.count === 0
              ? t("schedule.unpauseNone")
              : t(found.exact ? "schedule.unpauseRuns" : "schedule.unpauseMany", { count: found.count, limit: found.max_active_runs })}
          </p>
          <dl className={styles.rules}>
            {found.count > 0 && line(t("schedule.unpauseFirst"), dateOf(found.first))}
            {found.count > 1 && line(t("schedule.unpauseLast"), dateOf(found.last))}
            {found.count > 0 && line(t("schedule.unpauseFromNow"), found.from_now.next?.run_after)}
          </dl>
        </div>
      )}
    </Card>
  );
}
