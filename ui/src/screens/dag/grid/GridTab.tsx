import { useQueries, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useMemo, useRef, useState } from "react";
import { gridQuery } from "@/api/dag";
import { useMay } from "@/api/config";
import { dagDetailsQuery } from "@/api/work";
import { useT } from "@/catalogue/use";
import type { Target } from "@/dialogs/targets";
import { useShortcuts } from "@/keys/use";
import { Button } from "@/parts/Button";
import { Empty } from "@/parts/Empty";
import { Failed } from "@/parts/Failed";
import { SelectField } from "@/parts/fields";
import { Loading } from "@/parts/Loading";
import { RunTypeIcon } from "@/parts/RunType";
import { StateIcon } from "@/parts/State";
import { DayField } from "../DayField";
import { runStates, runTypes } from "../filters";
import styles from "./Grid.module.css";
import { useGridLive } from "./live";
import { groupsOf, join, rowsOf } from "./model";
import { type Focused, Table } from "./Table";
import { toggled, useFolded } from "./useFolded";

const ClearDialog = lazy(() => import("@/dialogs/ClearDialog").then((module) => ({ default: module.ClearDialog })));
const MarkDialog = lazy(() => import("@/dialogs/MarkDialog").then((module) => ({ default: module.MarkDialog })));

const route = getRouteApi("/app/dags/$dagId/");

/** Runs of the first page, and of those that are added when one goes back. */
const FIRST = 50;
const MORE = 100;

/** The grid of a DAG: its runs by its tasks. */
export function GridTab() {
  const t = useT();
  const { dagId } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { run_type, state, until } = search;
  const dag = useQuery(dagDetailsQuery(dagId));
  const filter = useMemo(() => ({ ...(run_type ? { run_type } : {}), ...(state ? { state } : {}) }), [run_type, state]);
  const about = JSON.stringify([dagId, filter, until]);
  // Where each page after the first begins; they belong to what the first one shows.
  const [older, setOlder] = useState<{ about: string; cursors: readonly string[] }>({ about, cursors: [] });
  const cursors = older.about === about ? older.cursors : [];
  const pages = useQueries({
    queries: [gridQuery(dagId, filter, until, FIRST), ...cursors.map((cursor) => gridQuery(dagId, filter, cursor, MORE))],
  });
  useGridLive(dagId);
  const data = pages.flatMap((page) => page.data ?? []);
  const table = useStable(data);
  const [folded, setFolded] = useFolded(dagId);
  const rows = useMemo(() => rowsOf(table.tasks, folded), [table.tasks, folded]);
  const groups = useMemo(() => groupsOf(table.tasks), [table.tasks]);
  const onFold = useCallback((group: string) => setFolded((set) => toggled(set, group)), [setFolded]);
  const loading = pages.some((page) => page.isFetching && !page.data);
  const oldest = table.runs[0]?.run_after;
  const canGoBack = table.hasOlder && !loading && oldest !== undefined;
  const goBack = () => canGoBack && setOlder({ about, cursors: [...cursors, oldest] });
  const allFolded = groups.every((group) => folded.has(group));
  const foldAll = () => setFolded(() => new Set(allFolded ? [] : groups));
  const focused = useRef<Focused | null>(null);
  const onFocus = useCallback((now: Focused | null) => {
    focused.current = now;
  }, []);
  const may = useMay("USER");
  const [act, setAct] = useState<(Focused & { kind: "clear" | "success" | "failed" }) | null>(null);
  const begin = (kind: "clear" | "success" | "failed") => () => may && focused.current && setAct({ ...focused.current, kind });
  useShortcuts([
    { keys: "z", label: "grid.keyFold", run: foldAll, local: true },
    { keys: "shift+c", label: "grid.keyClear", run: begin("clear"), local: true },
    { keys: "shift+s", label: "grid.keySuccess", run: begin("success"), local: true },
    { keys: "shift+f", label: "grid.keyFailed", run: begin("failed"), local: true },
  ]);
  const narrow = (change: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...change }), replace: true });
  const narrowed = Object.keys(filter).length > 0 || until !== undefined;
  const failed = pages.find((page) => page.error);

  return (
    <>
      <div className={styles.tools}>
        <DayField label={t("grid.until")} value={until} onChange={(until) => narrow({ until })} />
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
        {narrowed && (
          <Button kind="quiet" onClick={() => narrow({ state: undefined, run_type: undefined, until: undefined })}>
            {t("grid.newest")}
          </Button>
        )}
        <span className={styles.spacer} />
        <span className={`soft small ${styles.shown}`}>
          {t("grid.runs", { count: table.runs.length })}, {t("grid.tasks", { count: table.tasks.filter((row) => row.kind === "task").length })}
        </span>
        {groups.length > 0 && <Button onClick={foldAll}>{t(allFolded ? "grid.unfoldAll" : "grid.foldAll")}</Button>}
        <Button icon="back" busy={loading && data.length > 0} why={table.hasOlder || loading ? null : t("grid.noOlder")} onClick={goBack}>
          {t("grid.older")}
        </Button>
      </div>
      {failed?.error && <Failed error={failed.error} retry={() => void failed.refetch()} />}
      {loading && data.length === 0 && <Loading lines={8} />}
      {data.length > 0 && table.runs.length === 0 && (
        <Empty icon="runs" title={t(narrowed ? "grid.noneMatch" : "grid.none")}>
          {!narrowed && dag.data && t(dag.data.is_paused ? "grid.noneHint" : "grid.noneHintActive")}
        </Empty>
      )}
      {table.runs.length > 0 && (
        <>
          <Table key={about} dagId={dagId} rows={rows} runs={table.runs} onFold={onFold} onOldest={goBack} onFocus={onFocus} />
          <Legend />
        </>
      )}
      <Suspense>
        {act?.kind === "clear" && <ClearDialog target={targetOf(dagId, act)} onClose={() => setAct(null)} />}
        {act && act.kind !== "clear" && <MarkDialog target={targetOf(dagId, act)} state={act.kind} onClose={() => setAct(null)} />}
      </Suspense>
    </>
  );
}

function targetOf(dagId: string, { row, run }: Focused): Target {
  const runId = run.run_id;
  if (!row) return { kind: "run", dagId, runId };
  if (row.kind === "group") return { kind: "group", dagId, runId, groupId: row.id, taskIds: row.members };
  return { kind: "tasks", dagId, runId, tasks: [{ taskId: row.id }] };
}

/** The joined pages; the same object while no page changed. */
function useStable(pages: Parameters<typeof join>[0]) {
  const [kept, setKept] = useState(() => ({ pages, table: join(pages) }));
  if (kept.pages.length !== pages.length || kept.pages.some((page, index) => page !== pages[index])) {
    const next = { pages, table: join(pages) };
    setKept(next);
    return next.table;
  }
  return kept.table;
}

function Legend() {
  const t = useT();
  const states = ["success", "running", "failed", "upstream_failed", "skipped", "up_for_retry", "queued", "scheduled", "none"] as const;
  const types = ["manual", "backfill", "asset_triggered", "operator_triggered"] as const;
  return (
    <ul className={styles.legend} aria-label={t("grid.legend")}>
      {states.map((state) => (
        <li key={state}>
          <StateIcon state={state} />
          {t(`state.${state}`)}
        </li>
      ))}
      {types.map((type) => (
        <li key={type}>
          <RunTypeIcon type={type} />
          {t(`runType.${type}`)}
        </li>
      ))}
    </ul>
  );
}
