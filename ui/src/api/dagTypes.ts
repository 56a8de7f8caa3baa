import type { RunState, RunType, TaskState } from "./types";
import type { DagRun, DagVersion } from "./work";

/** Shapes of answers about one DAG, its runs and their task instances. */

export interface GridRow {
  id: string;
  label: string;
  kind: "task" | "group";
  parent: string | null;
  depth: number;
  mapped: boolean;
  operator: string | null;
  setup?: boolean;
  teardown?: boolean;
  /** Only older runs have it. */
  removed?: boolean;
}
export interface GridCell {
  state: TaskState | null;
  try_number: number;
  start_date: string | null;
  end_date: string | null;
  note?: string | null;
  /** Instances of a mapped task by state; `none` counts those without one. */
  counts?: Record<string, number>;
}
export interface GridRun {
  run_id: string;
  run_type: RunType;
  state: RunState;
  run_after: string;
  logical_date: string | null;
  data_interval_start: string | null;
  data_interval_end: string | null;
  queued_at: string | null;
  start_date: string | null;
  end_date: string | null;
  triggering_user_name: string | null;
  note: string | null;
  version_number: number | null;
  states: Record<string, GridCell>;
}
/** A page of runs, newest last. */
export interface Grid {
  dag_id: string;
  timezone: string;
  version: number | null;
  tasks: GridRow[];
  runs: GridRun[];
  has_older: boolean;
}

export interface Interval {
  data_interval_start: string | null;
  data_interval_end: string | null;
}
export interface PlannedRun extends Interval {
  run_after: string;
  logical_date: string | null;
  utc_offset: string;
  /** The clock's change moved it out of a missing hour, or it stands in an hour that comes twice. */
  mark: "gap" | "repeat" | null;
  mark_text: string | null;
}
export interface Schedule {
  timezone: string;
  summary: string | null;
  description: string | null;
  catchup: boolean;
  runs: PlannedRun[];
}

export interface DagRunPage {
  dag_runs: DagRun[];
  total_entries: number;
  next_cursor: string | null;
}

export interface DagSource {
  content: string | null;
  version_number: number | null;
}
export interface ImportError {
  import_error_id: number;
  timestamp: string;
  filename: string;
  stack_trace: string;
}
export interface DagWarning {
  dag_id: string;
  warning_type: string;
  message: string;
  timestamp: string;
}

declare module "./types" {
  interface Answers {
    "get /api/v2/tradewind/dags/{dag_id}/grid": Grid;
    "get /api/v2/tradewind/dags/{dag_id}/schedule": Schedule;
    "get /api/v2/dags/{dag_id}/dagRuns": DagRunPage;
    "get /api/v2/dagSources/{dag_id}": DagSource;
    "get /api/v2/dags/{dag_id}/dagVersions": { dag_versions: DagVersion[]; total_entries: number };
    "get /api/v2/importErrors": { import_errors: ImportError[]; total_entries: number };
    "get /api/v2/dagWarnings": { dag_warnings: DagWarning[]; total_entries: number };
  }
}
