import type { Grid, GridCell, GridRow, GridRun } from "@/api/types";
import { known, type State } from "@/parts/states";

/** All that the grid shows: tasks in their order, runs with the newest last. */
export interface Table {
  tasks: readonly GridRow[];
  runs: readonly GridRun[];
  hasOlder: boolean;
}

/** Joins pages, newest first as they were asked for. Tasks are those of the newest page, then what only older runs have. */
export function join(pages: readonly Grid[]): Table {
  const tasks: GridRow[] = [];
  const names = new Set<string>();
  const runs: GridRun[] = [];
  const ids = new Set<string>();
  for (const page of pages) {
    for (const row of page.tasks) {
      if (names.has(row.id)) continue;
      names.add(row.id);
      tasks.push(row);
    }
  }
  for (const page of pages.toReversed()) {
    for (const run of page.runs) {
      if (ids.has(run.run_id)) continue;
      ids.add(run.run_id);
      runs.push(run);
    }
  }
  return { tasks, runs, hasOlder: pages.at(-1)?.has_older ?? false };
}

/** A row that is seen, with what a person needs to know of its place. */
export interface Row {
  id: string;
  label: string;
  kind: "task" | "group";
  depth: number;
  mapped: boolean;
  operator: string | null;
  removed: boolean;
  setup: boolean;
  teardown: boolean;
  /** Of a group: whether its members are hidden. */
  folded: boolean;
  /** Of a group: the tasks in it, at any depth. */
  members: readonly string[];
}

/** The rows that are seen when the groups in `folded` are. */
export function rowsOf(tasks: readonly GridRow[], folded: ReadonlySet<string>): Row[] {
  const parents = new Map(tasks.map((row) => [row.id, row.parent]));
  const members = new Map<string, string[]>();
  for (const row of tasks) {
    if (row.kind !== "task") continue;
    for (let group = row.parent; group; group = parents.get(group) ?? null) {
      const list = members.get(group);
      if (list) list.push(row.id);
      else members.set(group, [row.id]);
    }
  }
  const hidden = (row: GridRow): boolean => {
    for (let group = row.parent; group; group = parents.get(group) ?? null) if (folded.has(group)) return true;
    return false;
  };
  return tasks
    .filter((row) => !hidden(row))
    .map((row) => ({
      id: row.id,
      label: row.label,
      kind: row.kind,
      depth: row.depth,
      mapped: row.mapped,
      operator: row.operator,
      removed: row.removed === true,
      setup: row.setup === true,
      teardown: row.teardown === true,
      folded: row.kind === "group" && folded.has(row.id),
      members: row.kind === "group" ? (members.get(row.id) ?? []) : [],
    }));
}

/** Groups of a table, for folding all of them. */
export const groupsOf = (tasks: readonly GridRow[]): string[] => tasks.filter((row) => row.kind === "group").map((row) => row.id);

/** What says most about several task instances comes first: trouble, then what moves, then what waits, then what is done. */
const TELLING: readonly State[] = [
  "failed",
  "upstream_failed",
  "up_for_retry",
  "restarting",
  "running",
  "awaiting_input",
  "queued",
  "deferred",
  "up_for_reschedule",
  "scheduled",
  "none",
  "success",
  "skipped",
  "removed",
];

/** The state that stands for several. */
export function telling(states: Iterable<State>): State {
  let best = TELLING.length;
  for (const state of states) best = Math.min(best, TELLING.indexOf(state));
  return TELLING[best] ?? "none";
}

/** What one square shows. */
export interface Square {
  state: State;
  /** Of a group or a mapped task: how many instances are in each state, the most telling first. */
  counts: readonly (readonly [State, number])[];
  total: number;
  tryNumber: number;
  start: string | null;
  end: string | null;
  note: boolean;
}

function counted(cells: readonly GridCell[]): [State, number][] {
  const counts = new Map<State, number>();
  const add = (state: State, by: number) => counts.set(state, (counts.get(state) ?? 0) + by);
  for (const cell of cells) {
    if (cell.counts) for (const [state, count] of Object.entries(cell.counts)) add(known(state), count);
    else add(known(cell.state), 1);
  }
  return [...counts].filter(([, count]) => count > 0).sort(([a], [b]) => TELLING.indexOf(a) - TELLING.indexOf(b));
}

/** The square of a row in a run; `null`: the run does not have the task. */
export function squareOf(row: Row, run: GridRun): Square | null {
  const cells =
    row.kind === "task" ? [run.states[row.id]].filter((cell) => cell !== undefined) : row.members.flatMap((id) => run.states[id] ?? []);
  const first = cells[0];
  if (!first) return null;
  const many = row.kind === "group" || first.counts !== undefined;
  const counts = many ? counted(cells) : [];
  const ended = cells.every((cell) => cell.end_date !== null);
  const least = (a: string | null, b: string | null) => (a === null ? b : b === null || a < b ? a : b);
  const most = (a: string | null, b: string | null) => (a === null ? b : b === null || a > b ? a : b);
  return {
    state: many ? telling(counts.map(([state]) => state)) : known(first.state),
    counts,
    total: counts.reduce((sum, [, count]) => sum + count, 0),
    tryNumber: Math.max(...cells.map((cell) => cell.try_number)),
    start: cells.map((cell) => cell.start_date).reduce(least, null),
    end: ended ? cells.map((cell) => cell.end_date).reduce(most, null) : null,
    note: cells.some((cell) => Boolean(cell.note)),
  };
}

/** Seconds that a run took, or has taken so far. */
export function took(run: Pick<GridRun, "start_date" | "end_date">, now: number): number {
  if (!run.start_date) return 0;
  return Math.max(0, ((run.end_date ? Date.parse(run.end_date) : now) - Date.parse(run.start_date)) / 1000);
}

/** A round number of seconds that is not less: the upper end of the scale of durations. */
export function scaleEnd(longest: number): number {
  const steps = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 28_800, 43_200, 86_400];
  return steps.find((step) => step >= longest) ?? Math.ceil(longest / 86_400) * 86_400;
}
