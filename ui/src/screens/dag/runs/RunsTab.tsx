import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { runsQuery } from "@/api/dag";
import type { DagRun } from "@/api/work";
import { useT } from "@/catalogue/use";
import { Button } from "@/parts/Button";
import { type Column, DataTable } from "@/parts/DataTable";
import { Empty } from "@/parts/Empty";
import { Failed } from "@/parts/Failed";
import { SelectField } from "@/parts/fields";
import { RunLink } from "@/parts/links";
import { Loading } from "@/parts/Loading";
import { MoreRows } from "@/parts/MoreRows";
import { Card } from "@/parts/Page";
import { RunTypeText } from "@/parts/RunType";
import { StateBadge } from "@/parts/State";
import table from "@/parts/table.module.css";
import { Duration } from "@/time/Duration";
import { Time } from "@/time/Time";
import { DayField } from "../DayField";
import { runStates, runTypes } from "../filters";
import { confText } from "./conf";
import styles from "./Runs.module.css";

const route = getRouteApi("/app/dags/$dagId/runs");

/** All runs of a DAG as a list. */
export function RunsTab() {
  const t = useT();
  const { dagId } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { state, run_type, from, until, sort = "-run_after" } = search;
  const list = useInfiniteQuery(runsQuery(dagId, { state, run_type, run_after_gte: from, run_after_lt: until, order_by: [sort] }));
  const narrow = (change: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...change }), replace: true });
  const narrowed = [state, run_type, from, until].some((one) => one !== undefined);
  const runs = list.data?.pages.flatMap((page) => page.dag_runs) ?? [];
  // Columns that would be empty take no room.
  const extras = {
    conf: runs.some((run) => confText(run.conf) !== ""),
    note: runs.some((run) => Boolean(run.note)),
    by: runs.some((run) => Boolean(run.triggering_user_name)),
  };
  const total = list.data?.pages[0]?.total_entries ?? 0;
  const columns: Column<DagRun>[] = [
    { id: "state", head: t("run.state"), sort: "state", descFirst: true, cell: (run) => <StateBadge state={run.state} /> },
    {
      id: "run",
      head: t("runs.run"),
      sort: "run_after",
      descFirst: true,
      fixed: true,
      className: styles.run,
      cell: (run) => (
        <>
          <RunLink dagId={run.dag_id} runId={run.dag_run_id}>
            {run.dag_run_id}
          </RunLink>
          <span className="soft small">
            <Time value={run.logical_date ?? run.run_after} show="absolute" />
          </span>
        </>
      ),
    },
    { id: "type", head: t("runs.type"), cell: (run) => <RunTypeText type={run.run_type} /> },
    {
      id: "started",
      head: t("runs.started"),
      sort: "start_date",
      descFirst: true,
      cell: (run) => (run.start_date ? <Time value={run.start_date} precision="second" /> : <span className="soft">-</span>),
    },
    { id: "duration", head: t("runs.duration"), sort: "duration", descFirst: true, number: true, cell: (run) => <Duration start={run.start_date} end={run.end_date} /> },
    ...(extras.conf ? [{ id: "conf", head: t("runs.conf"), cell: (run: DagRun) => <Conf text={confText(run.conf)} /> }] : []),
    ...(extras.note ? [{ id: "note", head: t("runs.note"), cell: (run: DagRun) => <span className={styles.cut} title={run.note ?? undefined}>{run.note}</span> }] : []),
    ...(extras.by ? [{ id: "by", head: t("runs.by"), cell: (run: DagRun) => run.triggering_user_name }] : []),
  ];
  return (
    <>
      <div className={table.tools}>
        <SelectField
          label={t("grid.state")}
          value={state ?? ""}
          options={[{ value: "", label: t("common.all") }, ...runStates(t)]}
          onChange={(event) => narrow({ state: (event.target.value || undefined) as typeof state })}
        />
        <SelectField
          label={t("grid.type")}
          value={run_type ?? ""}
          options={[{ value: "", label: t("common.all") }, ...runTypes(t)]}
          onChange={(event) => narrow({ run_type: (event.target.value || undefined) as typeof run_type })}
        />
        <DayField label={t("runs.from")} value={from} begins onChange={(from) => narrow({ from })} />
        <DayField label={t("runs.until")} value={until} onChange={(until) => narrow({ until })} />
        {narrowed && (
          <Button kind="quiet" onClick={() => narrow({ state: undefined, run_type: undefined, from: undefined, until: undefined })}>
            {t("common.clearFilters")}
          </Button>
        )}
      </div>
      {list.isPending && <Loading lines={8} />}
      {list.error && <Failed error={list.error} retry={() => void list.refetch()} />}
      {list.data && runs.length === 0 && (
        <Empty icon="runs" title={t(narrowed ? "runs.none" : "grid.none")}>
          {t(narrowed ? "runs.noneHint" : "grid.noneHint")}
        </Empty>
      )}
      {runs.length > 0 && (
        <Card flush>
          <DataTable
            label={t("runs.list", { dag: dagId })}
            name="runs"
            columns={columns}
            rows={runs}
            idOf={(run) => run.dag_run_id}
            order={sort}
            onOrder={(next) => narrow({ sort: next as typeof sort })}
          />
          <MoreRows
            shown={runs.length}
            total={total}
            more={list.hasNextPage ? () => void list.fetchNextPage() : null}
            busy={list.isFetchingNextPage}
          />
        </Card>
      )}
    </>
  );
}

function Conf({ text }: { text: string }) {
  return (
    <code className={styles.cut} title={text}>
      {text}
    </code>
  );
}
