import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { runsQuery } from "@/api/dag";
import type { DagRun } from "@/api/work";
import { useT } from "@/catalogue/use";
import { Button } from "@/parts/Button";
import { Empty } from "@/parts/Empty";
import { Failed } from "@/parts/Failed";
import { SelectField } from "@/parts/fields";
import { Icon } from "@/parts/Icon";
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
import { confText, turned } from "./order";
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
  const extras: Extras = {
    conf: runs.some((run) => confText(run.conf) !== ""),
    note: runs.some((run) => Boolean(run.note)),
    by: runs.some((run) => Boolean(run.triggering_user_name)),
  };
  const total = list.data?.pages[0]?.total_entries ?? 0;
  const head = (column: "state" | "run_after" | "start_date" | "duration", words: string, number = false) => (
    <SortHead column={column} order={sort} number={number} onSort={(sort) => narrow({ sort })}>
      {words}
    </SortHead>
  );
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
          <table className={table.table} aria-label={t("runs.list", { dag: dagId })}>
            <thead>
              <tr>
                {head("state", t("run.state"))}
                {head("run_after", t("runs.run"))}
                <th scope="col">{t("runs.type")}</th>
                {head("start_date", t("runs.started"))}
                {head("duration", t("runs.duration"), true)}
                {extras.conf && <th scope="col">{t("runs.conf")}</th>}
                {extras.note && <th scope="col">{t("runs.note")}</th>}
                {extras.by && <th scope="col">{t("runs.by")}</th>}
              </tr>
            </thead>
            <tbody>
              {runs.map((run) => (
                <RunRow key={run.dag_run_id} run={run} extras={extras} />
              ))}
            </tbody>
          </table>
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

interface Extras {
  conf: boolean;
  note: boolean;
  by: boolean;
}

function RunRow({ run, extras }: { run: DagRun; extras: Extras }) {
  const conf = confText(run.conf);
  return (
    <tr>
      <td>
        <StateBadge state={run.state} />
      </td>
      <td className={styles.run}>
        <RunLink dagId={run.dag_id} runId={run.dag_run_id}>
          {run.dag_run_id}
        </RunLink>
        <span className="soft small">
          <Time value={run.logical_date ?? run.run_after} show="absolute" />
        </span>
      </td>
      <td>
        <RunTypeText type={run.run_type} />
      </td>
      <td>{run.start_date ? <Time value={run.start_date} precision="second" /> : <span className="soft">-</span>}</td>
      <td className={table.number}>
        <Duration start={run.start_date} end={run.end_date} />
      </td>
      {extras.conf && (
        <td>
          <code className={styles.cut} title={conf}>
            {conf}
          </code>
        </td>
      )}
      {extras.note && (
        <td>
          <span className={styles.cut} title={run.note ?? undefined}>
            {run.note}
          </span>
        </td>
      )}
      {extras.by && <td>{run.triggering_user_name}</td>}
    </tr>
  );
}

type Order = NonNullable<ReturnType<typeof route.useSearch>["sort"]>;

function SortHead({
  column,
  order,
  number,
  onSort,
  children,
}: {
  column: "state" | "run_after" | "start_date" | "duration";
  order: Order;
  number: boolean;
  onSort: (order: Order) => void;
  children: ReactNode;
}) {
  const sorted = order === column ? "ascending" : order === `-${column}` ? "descending" : undefined;
  return (
    <th scope="col" aria-sort={sorted} className={number ? table.number : undefined}>
      <button type="button" className={`${styles.sort} ${number ? styles.turned : ""}`} onClick={() => onSort(turned(order, column))}>
        {children}
        <span className={`${styles.arrow} ${sorted ? "" : styles.unsorted} ${sorted === "ascending" ? styles.up : ""}`}>
          <Icon name="down" />
        </span>
      </button>
    </th>
  );
}
