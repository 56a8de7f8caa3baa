import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { getRouteApi, Link, Outlet, useNavigate } from "@tanstack/react-router";
import { type DagDetails, dagDetailsQuery } from "@/api/work";
import { useConfig, useMay } from "@/api/config";
import { useT } from "@/catalogue/use";
import { useShortcuts } from "@/keys/use";
import { Button } from "@/parts/Button";
import { Due } from "@/parts/Due";
import { Failed } from "@/parts/Failed";
import { triggerAddress } from "@/parts/links";
import { Loading } from "@/parts/Loading";
import { Page } from "@/parts/Page";
import { activeTab, tabClass, Tabs } from "@/parts/Tabs";
import { PauseSwitch } from "@/screens/dags/PauseSwitch";
import { scheduleCode, useScheduleWords } from "@/time/schedule";
import { Time } from "@/time/Time";
import { InDagZone } from "@/time/viewer";
import { Awaited } from "./Awaited";
import { BackfillBanner } from "./backfill/BackfillBanner";
import { BackfillDialog } from "./backfill/BackfillDialog";
import styles from "./Dag.module.css";
import { Notices } from "./Notices";

const route = getRouteApi("/app/dags/$dagId");

/** The page of one DAG: who it is, and its parts as tabs. */
export function Dag() {
  const t = useT();
  const { dagId } = route.useParams();
  const navigate = useNavigate();
  const dag = useQuery(dagDetailsQuery(dagId));
  const may = useMay("USER");
  const { user } = useConfig();
  const [backfilling, setBackfilling] = useState(false);
  const why = may ? null : t("common.notAllowed", { role: user.role });
  const open = (to: "/dags/$dagId" | "/dags/$dagId/runs" | "/dags/$dagId/code" | "/dags/$dagId/schedule") => () =>
    void navigate({ to, params: { dagId } });
  useShortcuts([
    { keys: "1", label: "dag.keyGrid", run: open("/dags/$dagId"), local: true },
    { keys: "2", label: "dag.keyRuns", run: open("/dags/$dagId/runs"), local: true },
    { keys: "3", label: "dag.keyCode", run: open("/dags/$dagId/code"), local: true },
    { keys: "4", label: "dag.keySchedule", run: open("/dags/$dagId/schedule"), local: true },
    { keys: "t", label: "dag.keyTrigger", run: () => may && void navigate(triggerAddress(dagId)), local: true },
  ]);
  const details = dag.data;
  return (
    <InDagZone zone={details?.timezone}>
      <Page
        title={details?.dag_display_name ?? dagId}
        above={<Link to="/dags">{t("dags.title")}</Link>}
        actions={
          details && (
            <>
              <span className={styles.pause}>
                <PauseSwitch dag={details} why={why} />
                {t(details.is_paused ? "dag.paused" : "dag.active")}
              </span>
              {details.is_backfillable && (
                <Button why={why} onClick={() => setBackfilling(true)}>
                  {t("backfill.open")}
                </Button>
              )}
              <Button kind="main" icon="play" why={why} onClick={() => void navigate(triggerAddress(dagId))}>
                {t("dag.trigger")}
              </Button>
            </>
          )
        }
      >
        {dag.isPending && <Loading lines={2} />}
        {dag.error && <Failed error={dag.error} retry={() => void dag.refetch()} />}
        {details && <Facts dag={details} />}
        {details && <Notices dag={details} />}
        {details?.is_backfillable && <BackfillBanner dagId={dagId} />}
        {backfilling && <BackfillDialog dagId={dagId} onClose={() => setBackfilling(false)} />}
        {details?.asset_expression && <Awaited dagId={dagId} />}
        {details && (
          <>
            <Tabs label={t("dag.parts")}>
              <Link to="/dags/$dagId" params={{ dagId }} className={tabClass} activeProps={activeTab} activeOptions={{ exact: true, includeSearch: false }}>
                {t("dag.grid")}
              </Link>
              <Link to="/dags/$dagId/runs" params={{ dagId }} className={tabClass} activeProps={activeTab} activeOptions={{ includeSearch: false }}>
                {t("dag.runs")}
              </Link>
              <Link to="/dags/$dagId/code" params={{ dagId }} className={tabClass} activeProps={activeTab} activeOptions={{ includeSearch: false }}>
                {t("dag.code")}
              </Link>
              <Link to="/dags/$dagId/schedule" params={{ dagId }} className={tabClass} activeProps={activeTab} activeOptions={{ includeSearch: false }}>
                {t("dag.schedule")}
              </Link>
            </Tabs>
            <Outlet />
          </>
        )}
      </Page>
    </InDagZone>
  );
}

/** What one wants to know of a DAG at first sight. */
function Facts({ dag }: { dag: DagDetails }) {
  const t = useT();
  const words = useScheduleWords(dag.timetable_summary, dag.timetable_description);
  const code = scheduleCode(dag.timetable_summary);
  return (
    <div className={styles.about}>
      {dag.description && <p>{dag.description}</p>}
      <dl className={styles.facts}>
        <div>
          <dt>{t("dag.schedule")}</dt>
          <dd>
            {words || t("dag.scheduleNone")}
            {code && words !== "" && words !== code && <code className={styles.cron}>{code}</code>}
          </dd>
        </div>
        <div>
          <dt>{t("dag.next")}</dt>
          <dd>
            {dag.is_paused ? (
              t("dag.nextPaused")
            ) : dag.next_dagrun_run_after ? (
              <>
                <Time value={dag.next_dagrun_run_after} /> <Due at={dag.next_dagrun_run_after} />
              </>
            ) : (
              t("dag.nextNone")
            )}
          </dd>
        </div>
        <div>
          <dt>{t("dag.owner")}</dt>
          <dd>{dag.owners.join(", ") || t("common.none")}</dd>
        </div>
        {dag.tags.length > 0 && (
          <div>
            <dt>{t("dag.tags")}</dt>
            <dd className={styles.tags}>
              {dag.tags.map((tag) => (
                <Link key={tag.name} to="/dags" search={{ tags: [tag.name] }} className={styles.tag}>
                  {tag.name}
                </Link>
              ))}
            </dd>
          </div>
        )}
        <div>
          <dt>{t("dag.underWay")}</dt>
          <dd>{t("dag.activeRuns", { count: dag.active_runs_count })}</dd>
        </div>
      </dl>
      {dag.doc_md && (
        <details className={styles.doc}>
          <summary>{t("dag.documentation")}</summary>
          <pre>{dag.doc_md}</pre>
        </details>
      )}
    </div>
  );
}
