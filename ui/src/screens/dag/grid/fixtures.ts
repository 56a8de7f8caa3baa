import type { GridCell, GridRun } from "@/api/types";
import type { TaskState } from "@/api/types";

/** Values for tests of the grid. */
export const cell = (state: TaskState | null, more: Partial<GridCell> = {}): GridCell => ({ state, try_number: 1, start_date: null, end_date: null, ...more });
export const run = (run_id: string, states: Record<string, GridCell>, more: Partial<GridRun> = {}): GridRun => ({
  run_id,
  run_type: "scheduled",
  state: "success",
  run_after: "2024-01-01T00:00:00Z",
  logical_date: null,
  data_interval_start: null,
  data_interval_end: null,
  queued_at: null,
  start_date: null,
  end_date: null,
  triggering_user_name: null,
  note: null,
  version_number: 1,
  states,
  ...more,
});
