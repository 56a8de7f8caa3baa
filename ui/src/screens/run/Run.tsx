import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { gridQuery, runAfterQuery } from "@/api/dag";
import type { GridRow, GridRun } from "@/api/types";
import type { DagRun, Dependency } from "@/api/work";
import { causesQuery, dagDetailsQuery, runDependenciesQuery, runQuery } from "@/api/work";
import { useT } from "@/catalogue/use";
import { useShortcuts } from "@/keys/use";
import { IconButton } from "@/parts/Button";
import { Failed } from "@/parts/Failed";
import { DagLink, runAddress, TaskLink } from "@/parts/links";
import { Loading } from "@/parts/Loading";
import { Note } from "@/parts/Note";
import { Card, Page } from "@/parts/Page";
import { RunTypeText } from "@/parts/RunType";
import { StateBadge, StateIcon } from "@/parts/State";
import { Why } from "@/parts/why/Why";
import { useGridLive } from "@/screens/dag/grid/live";
import { Duration } from "@/time/Duration";
import { Time } from "@/time/Time";
import { InDagZone } from "@/time/viewer";
import { Acts } from "./Acts";
import styles from "./Run.module.css";
import { justAfter } from "./rows";
import { Tasks } from "./Tasks";

const route = getRouteApi("/app/dags/$dagId/runs/$runId");

/** One run: what it is, what became of its tasks, and why it does not go on. */
export function Run() {
  const t = useT();
  const { dagId, runId } = route.useParams();
  const navigate = useNavigate();
  const run = useQuery(runQuery(dagId, runId));
  const dag = useQuery(dagDetailsQuery(dagId));
  const data = run.data;
  // A few runs in case several are due at the same moment; the one before is among them.
  const grid = useQuery({ ...gridQuery(dagId, {}, data ? justAfter(data.run_after) : undefined, 5), enabled: data !== undefined });
  const after = useQuery({ ...runAfterQuery(dagId, data?.run_after ?? "", runId), enabled: data !== undefined });
  useGridLive(dagId);
  const place = grid.data?.runs.findIndex((one) => one.run_id === runId) ?? -1;
  const before = place > 0 ? grid.data?.runs[place - 1]?.run_id : undefined;
  const go = (id: string | null | undefined) => id && void navigate({ ...runAddress(dagId, id) });
  useShortcuts([
    { keys: "[", label: "run.keyOlder", run: () => go(before), local: true },
    { keys: "]", label: "run.keyNewer", run: () => go(after.data), local: true },
  ]);
  const waits = data?.state === "queued" || data?.state === "running";
  // Asked for together with the run: what holds it back stands at the top, and nothing moves when it comes.
  const why = useQuery({ ...runDependenciesQuery(dagId, runId), enabled: run.isPending || waits });
  const whole = data !== undefined && !(waits && why.isPending);
  const own = grid.data?.runs[place];
  return (
    <InDagZone zone={dag.data?.timezone}>
      <Page
        title={
          <span className={styles.title}>
            {data && <StateBadge state={data.state} />}
            <span>{runId}</span>
          </span>
        }
        name={`${runId} - ${dagId}`}
        above={
          <nav aria-label={t("run.crumbs")} className={styles.crumbs}>
            <Link to="/dags">{t("dags.title")}</Link>
            <span aria-hidden="true">/</span>
            <DagLink dagId={dagId}>{dag.data?.dag_display_name ?? dagId}</DagLink>
            <span aria-hidden="true">/</span>
            <Link to="/dags/$dagId/runs" params={{ dagId }}>
              {t("dag.runs")}
            </Link>
          </nav>
        }
        actions={
          <>
            <span className={styles.neighbours}>
              <IconButton icon="back" label={t("run.older")} aria-disabled={before === undefined || undefined} onClick={() => go(before)} />
              <span className={styles.turned}>
                <IconButton icon="back" label={t("run.newer")} aria-disabled={!after.data || undefined} onClick={() => go(after.data)} />
              </span>
            </span>
            {data && <Acts run={data} />}
          </>
        }
      >
        {!whole && !run.error && <Loading lines={6} />}
        {run.error && <Failed error={run.error} retry={() => void run.refetch()} />}
        {whole && (
          <>
            {grid.data && own && data.state === "failed" && <FailedTasks dagId={dagId} run={own} tasks={grid.data.tasks} />}
            {waits && <Waiting entries={why.data ?? []} queued={data.state === "queued"} />}
            <Facts run={data} />
            {grid.isPending && <Loading lines={6} />}
            {grid.error && <Failed error={grid.error} retry={() => void grid.refetch()} />}
            {grid.data && own && <Tasks dagId={dagId} run={own} tasks={grid.data.tasks} />}
          </>
        )}
      </Page>
    </InDagZone>
  );
}

function Facts({ run }: { run: DagRun }) {
  const t = useT();
  const conf = run.conf && Object.keys(run.conf).length > 0 ? JSON.stringify(run.conf, null, 2) : null;
  const interval = run.data_interval_start !== null && run.data_interval_start !== run.data_interval_end;
  const version = run.dag_versions.at(-1);
  return (
    <section className={styles.card} aria-label={t("run.facts")}>
      <div className={styles.about}>
        <dl className={styles.facts}>
          <Fact label={t("run.type")}>
            <RunTypeText type={run.run_type} />
          </Fact>
          {run.logical_date && (
            <Fact label={t("run.logical")}>
              <Time value={run.logical_date} show="absolute" />
            </Fact>
          )}
          <Fact label={t("run.due")}>
            <Time value={run.run_after} />
          </Fact>
          {interval && (
            <Fact label={t("run.interval")}>
              <Time value={run.data_interval_start} show="absolute" /> → <Time value={run.data_interval_end} show="absolute" />
            </Fact>
          )}
          <Fact label={t("run.started")}>
            <Time value={run.start_date} precision="second" />
          </Fact>
          <Fact label={t("run.ended")}>
            <Time value={run.end_date} precision="second" />
          </Fact>
          <Fact label={t("run.duration")}>{run.start_date ? <Duration start={run.start_date} end={run.end_date} /> : "-"}</Fact>
          {run.triggering_user_name && <Fact label={t("run.by")}>{run.triggering_user_name}</Fact>}
          {version && (
            <Fact label={t("run.version")}>
              <Link to="/dags/$dagId/code" params={{ dagId: run.dag_id }} search={{ version: version.version_number }}>
                {version.version_number}
              </Link>
            </Fact>
          )}
          {run.run_type === "asset_triggered" && <Causes run={run} />}
          {!conf && <Fact label={t("run.conf")}>{t("run.noConf")}</Fact>}
          <Fact label={t("note.title")}>
            <Note dagId={run.dag_id} runId={run.dag_run_id} note={run.note} />
          </Fact>
        </dl>
        {conf && (
          <figure className={styles.conf}>
            <figcaption>{t("run.conf")}</figcaption>
            {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- scrolled by the keyboard */}
            <pre tabIndex={0}>{conf}</pre>
          </figure>
        )}
      </div>
    </section>
  );
}

/** The assets whose updates started the run. */
function Causes({ run }: { run: DagRun }) {
  const t = useT();
  const { data } = useQuery(causesQuery(run.dag_id, run.dag_run_id));
  const assets = new Map((data ?? []).map((event) => [event.asset_id, event.name ?? event.uri ?? String(event.asset_id)]));
  return (
    <Fact label={t("run.assets")}>
      <span className="row" translate="no">
        {[...assets].map(([id, name]) => (
          <Link key={id} to="/assets" search={{ search: name, asset: id }}>
            {name}
          </Link>
        ))}
      </span>
    </Fact>
  );
}

function Fact({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

const SHOWN = 8;

/** What went wrong in a run, one click from its log. */
function FailedTasks({ dagId, run, tasks }: { dagId: string; run: GridRun; tasks: readonly GridRow[] }) {
  const t = useT();
  const failed = tasks.filter((row) => row.kind === "task" && run.states[row.id]?.state === "failed");
  if (failed.length === 0) return null;
  return (
    <section className={styles.failures} aria-label={t("run.failedTasks", { count: failed.length })}>
      <StateIcon state="failed" />
      <strong>{t("run.failedTasks", { count: failed.length })}</strong>
      <ul>
        {failed.slice(0, SHOWN).map((row) => (
          <li key={row.id}>
            {/* Of a mapped task its page says which instances failed. */}
            <TaskLink dagId={dagId} runId={run.run_id} taskId={row.id}>
              {row.id}
            </TaskLink>
          </li>
        ))}
        {failed.length > SHOWN && (
          <li>
            <Link to="/dags/$dagId/runs/$runId" params={{ dagId, runId: run.run_id }} search={{ state: "failed" }}>
              {t("run.failedMore", { count: failed.length - SHOWN })}
            </Link>
          </li>
        )}
      </ul>
    </section>
  );
}

/** What holds the whole run back; nothing is said of a run that goes on as it should. */
function Waiting({ entries, queued }: { entries: readonly Dependency[]; queued: boolean }) {
  const t = useT();
  if (entries.length === 0 && !queued) return null;
  return (
    <Card title={t(queued ? "run.why" : "run.whyNotOn")}>{entries.length > 0 ? <Why entries={entries} /> : <p className="soft">{t("run.whyNothing")}</p>}</Card>
  );
}
