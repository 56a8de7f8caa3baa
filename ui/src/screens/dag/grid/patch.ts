import type { Grid, GridCell, GridRun } from "@/api/types";
import type { LiveEvent } from "@/live/stream";
import type { RunState, TaskState } from "@/api/types";

export interface Patched {
  grid: Grid;
  /** Runs that an event names and the page does not have. */
  unknown: ReadonlySet<string>;
  /** Something changed that an event does not tell in full: how many instances of a mapped task are in each state, or a run's times. */
  stale: boolean;
}

/** A page of the grid after some changes; what did not change keeps its identity, so that only its cells are drawn anew. */
export function patchGrid(grid: Grid, events: readonly LiveEvent[]): Patched {
  const places = new Map(grid.runs.map((run, index) => [run.run_id, index]));
  const unknown = new Set<string>();
  let runs: GridRun[] | null = null;
  let stale = false;
  for (const event of events) {
    if (event.dag_id !== grid.dag_id || event.run_id === undefined) continue;
    if (event.kind !== "dag_run" && event.kind !== "task_instance") continue;
    const place = places.get(event.run_id);
    if (place === undefined) {
      unknown.add(event.run_id);
      continue;
    }
    runs ??= [...grid.runs];
    const run = runs[place];
    if (!run) continue;
    if (event.kind === "dag_run") {
      runs[place] = patchRun(run, event);
      // Its end is not told by every event.
      if (runs[place]?.start_date === null || (isOver(event.state) && runs[place]?.end_date === null)) stale = true;
    } else if (event.task_id !== undefined) {
      const cell = run.states[event.task_id];
      if (cell?.counts || (event.map_index ?? -1) >= 0) stale = true;
      else runs[place] = { ...run, states: { ...run.states, [event.task_id]: patchCell(cell, event) } };
    }
  }
  return { grid: runs ? { ...grid, runs } : grid, unknown, stale };
}

const isOver = (state: string | null | undefined) => state === "success" || state === "failed";

function patchRun(run: GridRun, event: LiveEvent): GridRun {
  const over = isOver(event.state);
  return {
    ...run,
    state: (event.state ?? run.state) as RunState,
    start_date: event.start_date ?? run.start_date,
    end_date: over ? (event.end_date ?? run.end_date) : null,
  };
}

const ENDED: readonly (string | null | undefined)[] = ["success", "failed", "skipped", "upstream_failed", "removed"];

function patchCell(cell: GridCell | undefined, event: LiveEvent): GridCell {
  const again = event.try_number !== undefined && event.try_number !== cell?.try_number;
  return {
    state: (event.state ?? null) as TaskState | null,
    try_number: event.try_number ?? cell?.try_number ?? 0,
    start_date: event.start_date ?? (again ? null : (cell?.start_date ?? null)),
    end_date: event.end_date ?? (ENDED.includes(event.state) ? (cell?.end_date ?? null) : null),
    ...(cell?.note ? { note: cell.note } : {}),
  };
}
