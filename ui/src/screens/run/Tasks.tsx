import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense, useMemo, useState } from "react";
import type { GridRow, GridRun } from "@/api/types";
import { useT } from "@/catalogue/use";
import type { Target } from "@/dialogs/targets";
import { Empty } from "@/parts/Empty";
import { SelectField, TextField } from "@/parts/fields";
import { Card } from "@/parts/Page";
import { states } from "@/parts/states";
import table from "@/parts/table.module.css";
import { type Row, scaleEnd, took } from "@/screens/dag/grid/model";
import { toggled, useFolded } from "@/screens/dag/grid/useFolded";
import { useNow } from "@/time/clock";
import styles from "./Run.module.css";
import { linesOf } from "./rows";
import { TaskRow } from "./TaskRow";

const ClearDialog = lazy(() => import("@/dialogs/ClearDialog").then((module) => ({ default: module.ClearDialog })));
const MarkDialog = lazy(() => import("@/dialogs/MarkDialog").then((module) => ({ default: module.MarkDialog })));

const route = getRouteApi("/app/dags/$dagId/runs/$runId");

/** What is being done with a row. */
export interface RowAct {
  act: "clear" | "success" | "failed";
  row: Row;
}

const targetOf = (dagId: string, runId: string, row: Row): Target =>
  row.kind === "group"
    ? { kind: "group", dagId, runId, groupId: row.id, taskIds: row.members }
    : { kind: "tasks", dagId, runId, tasks: [{ taskId: row.id }] };

/** The task instances of a run, with bars for when they ran. */
export function Tasks({ dagId, run, tasks }: { dagId: string; run: GridRun; tasks: readonly GridRow[] }) {
  const t = useT();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [folded, setFolded] = useFolded(dagId);
  const [open, setOpen] = useState<RowAct | null>(null);
  const now = useNow(run.end_date ? 3600 : 5);
  const { task = "", state = "", order = "" } = search;
  const lines = useMemo(() => linesOf(tasks, run, folded, { task, state, order }), [tasks, run, folded, task, state, order]);
  const narrow = (change: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...change }), replace: true, resetScroll: false });
  const from = run.start_date ? Date.parse(run.start_date) : 0;
  // A run under way gets room that seldom changes.
  const to = run.end_date ? Date.parse(run.end_date) : from + scaleEnd(took(run, now) * 1.05) * 1000;
  const close = () => setOpen(null);
  return (
    <>
      <Card
        title={t("run.tasks")}
        flush
        actions={
          <div className={styles.tools}>
            <TextField
              label={t("run.filterTask")}
              bare
              type="search"
              placeholder={t("run.filterTask")}
              value={task}
              onChange={(event) => narrow({ task: event.target.value || undefined })}
            />
            <SelectField
              label={t("run.filterState")}
              bare
              value={state}
              options={[{ value: "", label: t("common.all") }, ...states.map((value) => ({ value, label: t(`state.${value}`) }))]}
              onChange={(event) => narrow({ state: event.target.value || undefined })}
            />
            <SelectField
              label={t("run.sort")}
              bare
              value={order}
              options={[
                { value: "", label: t("run.sortDag") },
                { value: "start", label: t("run.sortStart") },
                { value: "duration", label: t("run.sortDuration") },
              ]}
              onChange={(event) => narrow({ order: (event.target.value || undefined) as typeof search.order })}
            />
          </div>
        }
      >
        {lines.length === 0 ? (
          <Empty icon="info" title={t(task || state ? "run.noneMatch" : "run.noTasks")}>
            {!task && !state && t("run.noTasksHint")}
          </Empty>
        ) : (
          <table className={`${table.table} ${styles.tasks}`} aria-label={t("run.tasks")}>
            <thead>
              <tr>
                <th scope="col">{t("run.task")}</th>
                <th scope="col">{t("run.state")}</th>
                <th scope="col" className={table.number}>
                  {t("run.try")}
                </th>
                <th scope="col">{t("run.started")}</th>
                <th scope="col" className={table.number}>
                  {t("run.duration")}
                </th>
                <th scope="col" className={styles.timeHead}>
                  {t("run.timeline")}
                </th>
                <th scope="col">
                  <span className="visually-hidden">{t("run.more")}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {lines.map(({ row, square }) => (
                <TaskRow
                  key={row.id}
                  dagId={dagId}
                  runId={run.run_id}
                  row={row}
                  square={square}
                  from={from}
                  to={to}
                  onFold={() => setFolded((set) => toggled(set, row.id))}
                  onAct={setOpen}
                />
              ))}
            </tbody>
          </table>
        )}
      </Card>
      <Suspense>
        {open?.act === "clear" && <ClearDialog target={targetOf(dagId, run.run_id, open.row)} onClose={close} />}
        {open && open.act !== "clear" && <MarkDialog target={targetOf(dagId, run.run_id, open.row)} state={open.act} onClose={close} />}
      </Suspense>
    </>
  );
}
