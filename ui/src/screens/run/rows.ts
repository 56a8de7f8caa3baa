import type { GridRow, GridRun } from "@/api/types";
import { known } from "@/parts/states";
import { type Row, rowsOf, type Square, squareOf, took } from "@/screens/dag/grid/model";

/** A row of the table of a run: a task or a group with what became of it. */
export interface Line {
  row: Row;
  square: Square | null;
}

export interface Narrowing {
  /** Part of a task's name. */
  task: string;
  state: string;
  /** `""`: as in the DAG. */
  order: "" | "start" | "duration";
}

/** The rows to be shown: with groups as in the DAG, or only the tasks that were asked for. */
export function linesOf(tasks: readonly GridRow[], run: GridRun, folded: ReadonlySet<string>, narrowing: Narrowing): Line[] {
  const flat = narrowing.task !== "" || narrowing.state !== "" || narrowing.order !== "";
  const all = rowsOf(tasks, flat ? new Set() : folded).map((row) => ({ row, square: squareOf(row, run) }));
  // What the run does not have has nothing to tell; a run that has not begun has its tasks all the same.
  const had = Object.keys(run.states).length > 0 ? all.filter((line) => line.square !== null) : all.filter((line) => !line.row.removed);
  if (!flat) return had;
  const wanted = narrowing.task.toLowerCase();
  const state = narrowing.state;
  const found = had
    .filter(({ row }) => row.kind === "task" && row.id.toLowerCase().includes(wanted))
    .filter(({ square }) => state === "" || (square && (square.state === state || square.counts.some(([one]) => one === state))))
    .map((line) => ({ ...line, row: { ...line.row, depth: 0, label: line.row.id } }));
  if (narrowing.order === "start") return found.sort((a, b) => compare(a.square?.start ?? "~", b.square?.start ?? "~"));
  if (narrowing.order === "duration") return found.sort((a, b) => length(b) - length(a));
  return found;
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const length = ({ square }: Line) => (square?.start ? took({ start_date: square.start, end_date: square.end }, Date.now()) : -1);

/** Where a task's time lies within that of its run, as parts of the whole. */
export function barOf(square: Pick<Square, "start" | "end">, from: number, to: number, now: number): { left: number; width: number } | null {
  if (!square.start || to <= from) return null;
  const start = Math.max(from, Date.parse(square.start));
  const end = Math.max(start, square.end ? Date.parse(square.end) : Math.min(now, to));
  const left = Math.min(1, (start - from) / (to - from));
  return { left, width: Math.min(1 - left, (end - start) / (to - from)) };
}

/** States in which something can hold a task back. */
export const mayWait = (state: string): boolean => ["none", "scheduled", "up_for_retry", "up_for_reschedule", "deferred", "awaiting_input"].includes(known(state));

/** An instant right after one of the API: the page of the grid before it begins with that run. */
export const justAfter = (value: string): string => new Date(Date.parse(value) + 1).toISOString();
