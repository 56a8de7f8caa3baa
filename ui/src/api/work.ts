import { queryOptions } from "@tanstack/react-query";
import { api, type Query } from "./client";
import type { RunState, RunType } from "./types";

/* Shapes and queries of one DAG's runs and tasks, as far as the server's document does not describe them. */

export interface DagVersion {
  id: string;
  version_number: number;
  created_at: string;
}

export interface DagRun {
  dag_id: string;
  dag_run_id: string;
  dag_display_name: string;
  run_type: RunType;
  state: RunState;
  logical_date: string | null;
  run_after: string;
  queued_at: string | null;
  start_date: string | null;
  end_date: string | null;
  data_interval_start: string | null;
  data_interval_end: string | null;
  conf: Record<string, unknown>;
  note: string | null;
  triggering_user_name: string | null;
  triggered_by: string | null;
  duration: number | null;
  dag_versions: DagVersion[];
}

export interface TaskTry {
  dag_id: string;
  dag_run_id: string;
  task_id: string;
  map_index: number;
  task_display_name: string;
  dag_display_name: string;
  state: string | null;
  try_number: number;
  max_tries: number;
  start_date: string | null;
  end_date: string | null;
  duration: number | null;
  scheduled_when: string | null;
  queued_when: string | null;
  hostname: string | null;
  unixname: string | null;
  pid: number | null;
  pool: string;
  pool_slots: number;
  queue: string;
  priority_weight: number;
  operator: string;
  operator_name: string;
  executor: string | null;
  dag_version: DagVersion | null;
}

export interface TaskInstance extends TaskTry {
  id: string;
  logical_date: string | null;
  run_after: string;
  note: string | null;
  rendered_map_index: string | null;
  rendered_fields: Record<string, unknown>;
}

/** A task instance, or a task that the newest version adds to a run: then only its names are there. */
export type Touched = Partial<TaskInstance> & Pick<TaskInstance, "task_id" | "task_display_name">;
export interface TouchedList {
  task_instances: Touched[];
  total_entries: number;
}

export interface TaskList {
  task_instances: TaskInstance[];
  total_entries: number;
}

/** One condition that is not met. */
export interface Dependency {
  name: string;
  /** In English words. */
  reason: string;
  /** A stable code. */
  kind?: string;
  since?: string | null;
  until?: string | null;
  links?: DependencyLink[];
  holders?: Holder[];
}
export interface DependencyLink {
  rel: "task_instance" | "dag_run" | "dag" | "pool" | "task";
  dag_id?: string;
  run_id?: string;
  task_id?: string;
  map_index?: number;
  pool?: string;
}
export interface Holder {
  dag_id: string;
  run_id: string;
  task_id: string;
  map_index: number;
  state?: string | null;
}

export interface HistoryEvent {
  at: string;
  state: string | null;
  try_number: number | null;
  attempt_id: string | null;
  hostname: string | null;
  why: string | null;
}

export interface XComEntry {
  key: string;
  timestamp: string;
  map_index: number;
  task_id: string;
  dag_id: string;
  run_id: string;
}

export interface Schema {
  type?: string | string[];
  format?: string;
  enum?: unknown[];
  const?: unknown;
  examples?: unknown[];
  values_display?: Record<string, string>;
  items?: Schema;
  title?: string;
  description?: string;
  description_md?: string;
  section?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  multipleOf?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
}
export interface Param {
  /** Where it stands among the params of the DAG. */
  position?: number;
  value: unknown;
  description: string | null;
  schema: Schema;
}
export interface DagDetails {
  dag_id: string;
  dag_display_name: string;
  description: string | null;
  doc_md: string | null;
  is_paused: boolean;
  is_stale: boolean;
  timezone: string | null;
  params: Record<string, Param>;
  has_import_errors: boolean;
  fileloc: string;
  relative_fileloc: string | null;
  last_parsed_time: string | null;
  last_parse_duration: number | null;
  timetable_summary: string | null;
  timetable_description: string | null;
  tags: { name: string }[];
  owners: string[];
  catchup: boolean;
  max_active_runs: number;
  max_active_tasks: number;
  max_consecutive_failed_dag_runs: number;
  /** ISO 8601, `PT1H`. */
  dag_run_timeout: string | null;
  start_date: string | null;
  end_date: string | null;
  active_runs_count: number;
  next_dagrun_run_after: string | null;
  next_dagrun_logical_date: string | null;
  latest_dag_version: DagVersion | null;
}

const DAG = "/api/v2/dags/{dag_id}";
const RUN = "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}";
const TASK = "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}";

declare module "./types" {
  interface Answers {
    "get /api/v2/dags/{dag_id}/details": DagDetails;
    "post /api/v2/dags/{dag_id}/dagRuns": DagRun;
    "post /api/v2/dags/{dag_id}/clearTaskInstances": TouchedList;
    "get /api/v2/dags/{dag_id}/dagRuns/{dag_run_id}": DagRun;
    "patch /api/v2/dags/{dag_id}/dagRuns/{dag_run_id}": DagRun;
    "post /api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/clear": TouchedList;
    "get /api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances": TaskList;
    "get /api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}": TaskInstance;
    "patch /api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}": TaskList;
    "patch /api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}": TaskList;
    "patch /api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/dry_run": TaskList;
    "patch /api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}/dry_run": TaskList;
    "patch /api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskGroupInstances/{group_id}": TaskList;
    "patch /api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskGroupInstances/{group_id}/dry_run": TaskList;
    "get /api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}": TaskInstance;
    "get /api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/listMapped": TaskList;
    "get /api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}/tries": { task_instances: TaskTry[] };
    "get /api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}/dependencies": { dependencies: Dependency[] };
    "get /api/v2/tradewind/dags/{dag_id}/dagRuns/{dag_run_id}/dependencies": { dependencies: Dependency[] };
    "get /api/v2/tradewind/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/history": { events: HistoryEvent[] };
    "get /api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/xcomEntries": { xcom_entries: XComEntry[]; total_entries: number };
    "get /api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/xcomEntries/{xcom_key}": XComEntry & { value: unknown };
  }
}

/** Which task instance is meant. */
export interface TaskRef {
  dag_id: string;
  run_id: string;
  task_id: string;
  map_index: number;
}

const taskKey = ({ dag_id, run_id, task_id, map_index }: TaskRef) => ["dag", dag_id, "run", run_id, "task", task_id, map_index] as const;
const runPath = ({ dag_id, run_id }: Pick<TaskRef, "dag_id" | "run_id">) => ({ dag_id, dag_run_id: run_id });
export const taskPath = (ref: TaskRef) => ({ ...runPath(ref), task_id: ref.task_id, map_index: ref.map_index });

export const dagDetailsQuery = (dag_id: string) =>
  queryOptions({
    queryKey: ["dag", dag_id, "details"],
    queryFn: ({ signal }) => api.get(`${DAG}/details`, { path: { dag_id }, signal }),
  });

export const runQuery = (dag_id: string, run_id: string) =>
  queryOptions({
    queryKey: ["dag", dag_id, "run", run_id, "row"],
    queryFn: ({ signal }) => api.get(RUN, { path: { dag_id, dag_run_id: run_id }, signal }),
  });

export const taskQuery = (ref: TaskRef) =>
  queryOptions({
    queryKey: [...taskKey(ref), "row"],
    queryFn: ({ signal }) => api.get(`${TASK}/{map_index}`, { path: taskPath(ref), signal }),
  });

export const triesQuery = (ref: TaskRef) =>
  queryOptions({
    queryKey: [...taskKey(ref), "tries"],
    queryFn: async ({ signal }) => (await api.get(`${TASK}/{map_index}/tries`, { path: taskPath(ref), signal })).task_instances,
  });

export const dependenciesQuery = (ref: TaskRef) =>
  queryOptions({
    queryKey: [...taskKey(ref), "dependencies"],
    queryFn: async ({ signal }) => (await api.get(`${TASK}/{map_index}/dependencies`, { path: taskPath(ref), signal })).dependencies,
    // Pools and limits are taken by others, of which no event of this task tells.
    refetchInterval: 5000,
  });

export const runDependenciesQuery = (dag_id: string, run_id: string) =>
  queryOptions({
    queryKey: ["dag", dag_id, "run", run_id, "dependencies"],
    queryFn: async ({ signal }) =>
      (await api.get("/api/v2/tradewind/dags/{dag_id}/dagRuns/{dag_run_id}/dependencies", { path: { dag_id, dag_run_id: run_id }, signal })).dependencies,
    refetchInterval: 5000,
  });

export const historyQuery = (ref: TaskRef) =>
  queryOptions({
    queryKey: [...taskKey(ref), "history"],
    queryFn: async ({ signal }) =>
      (
        await api.get("/api/v2/tradewind/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/history", {
          path: { ...runPath(ref), task_id: ref.task_id },
          query: { map_index: ref.map_index },
          signal,
        })
      ).events,
  });

export const xcomsQuery = (ref: TaskRef) =>
  queryOptions({
    queryKey: [...taskKey(ref), "xcoms"],
    queryFn: async ({ signal }) =>
      (await api.get(`${TASK}/xcomEntries`, { path: { ...runPath(ref), task_id: ref.task_id }, query: { map_index: ref.map_index, limit: 1000 }, signal })).xcom_entries,
  });

export const xcomQuery = (ref: TaskRef, key: string) =>
  queryOptions({
    queryKey: [...taskKey(ref), "xcom", key],
    queryFn: ({ signal }) =>
      api.get(`${TASK}/xcomEntries/{xcom_key}`, {
        path: { ...runPath(ref), task_id: ref.task_id, xcom_key: key },
        query: { map_index: ref.map_index },
        signal,
      }),
  });

export const MAPPED_PAGE = 200;

export const mappedQuery = (ref: TaskRef, filter: { state: string; offset: number }) =>
  queryOptions({
    queryKey: [...taskKey({ ...ref, map_index: -1 }), "mapped", filter],
    queryFn: ({ signal }) =>
      api.get(`${TASK}/listMapped`, {
        path: { ...runPath(ref), task_id: ref.task_id },
        query: { limit: MAPPED_PAGE, offset: filter.offset, state: filter.state, order_by: "map_index" },
        signal,
      }),
    placeholderData: (before) => before,
  });

/** Task instances of one run, or with `~` of many. */
export const listTasks = (path: { dag_id: string; dag_run_id: string }, query: Query, signal?: AbortSignal): Promise<TaskList> =>
  api.get("/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances", { path, query, signal });
