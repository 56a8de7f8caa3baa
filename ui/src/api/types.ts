/**
 * Shapes of answers, by hand where the server's document does not describe them yet. `Answers` gives calls their type:
 * an entry there wins over the generated schema, so remove it once the document has the schema.
 */

export type RunState = "queued" | "running" | "success" | "failed";
export type TaskState =
  | "scheduled"
  | "queued"
  | "running"
  | "success"
  | "failed"
  | "skipped"
  | "upstream_failed"
  | "up_for_retry"
  | "up_for_reschedule"
  | "deferred"
  | "removed"
  | "restarting";
export type RunType = "scheduled" | "manual" | "backfill" | "asset_triggered" | "asset_materialization" | "dataset_triggered" | "operator_triggered";

export interface UiConfig {
  instance_name: string;
  version: string;
  default_timezone: string;
  /** `""`: that of the browser. */
  default_ui_timezone: string;
  base_url: string;
  page_size: number;
  hide_paused_dags_by_default?: boolean;
  user: { username: string; role: string; permissions?: unknown };
}

export interface Home {
  counts: Record<HomeCount, number>;
  components: Component[];
  pools: { name: string; slots: number; running: number; queued: number; open: number }[];
  recent_failures: RecentFailure[];
  import_errors: { id: number; filename: string; line: number | null; summary: string; timestamp: string }[];
  next_runs: NextRun[];
  server_time: string;
}
export type HomeCount =
  | "dags_active"
  | "dags_paused"
  | "dags_with_errors"
  | "runs_queued"
  | "runs_running"
  | "runs_failed_24h"
  | "runs_success_24h"
  | "tasks_running"
  | "tasks_queued"
  | "tasks_failed_24h"
  | "import_errors";
export interface Component {
  kind: string;
  id: number | string;
  hostname: string;
  pid: number | null;
  version: string | null;
  since: string | null;
  latest_heartbeat: string | null;
  age_seconds: number | null;
  healthy: boolean;
}
export interface RecentFailure {
  dag_id: string;
  dag_display_name: string;
  run_id: string;
  task_id: string;
  map_index: number;
  try_number: number;
  end_date: string | null;
  error: string | null;
}
export interface NextRun {
  dag_id: string;
  dag_display_name: string;
  run_after: string;
  logical_date: string | null;
  timezone: string;
}

export interface DagRow {
  dag_id: string;
  dag_display_name: string;
  description: string | null;
  is_paused: boolean;
  is_stale: boolean;
  tags: string[];
  owners: string[];
  timetable_summary: string | null;
  timetable_description: string | null;
  timezone: string;
  next_run_after: string | null;
  next_logical_date: string | null;
  has_import_errors: boolean;
  is_favorite: boolean;
  max_active_runs: number;
  last_runs: LastRun[];
  run_counts: Record<RunState, number>;
}
export interface LastRun {
  run_id: string;
  run_type: RunType;
  state: RunState;
  run_after: string;
  logical_date: string | null;
  start_date: string | null;
  end_date: string | null;
}
export interface DagList {
  dags: DagRow[];
  total_entries: number;
  next_cursor: string | null;
}

export interface MissedRun {
  logical_date: string | null;
  run_after: string;
  data_interval_start?: string | null;
  data_interval_end?: string | null;
}
export interface UnpausePreview {
  dag_id: string;
  timezone: string;
  catchup: boolean;
  count: number;
  /** False: at least `count`. */
  exact: boolean;
  first: MissedRun | null;
  last: MissedRun | null;
  max_active_runs: number;
  from_now: { next: MissedRun | null };
  sentence: string;
}

/** By `get /path`; see the top of this file. */
export interface Answers {
  "get /api/v2/tradewind/ui/config": UiConfig;
  "get /api/v2/tradewind/home": Home;
  "get /api/v2/tradewind/dags": DagList;
  "get /api/v2/dagTags": { tags: string[]; total_entries: number };
  "get /api/v2/tradewind/dags/{dag_id}/unpausePreview": UnpausePreview;
}
