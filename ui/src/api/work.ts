import { queryOptions } from "@tanstack/react-query";
import { api, type Query } from "./client";
import type { Schemas } from "./schema";

/* Shapes and queries of one DAG's runs and tasks. */

export type DagDetails = Schemas["DAGDetailsResponse"];
export type DagRun = Schemas["DAGRunResponse"];
export type TaskTry = Schemas["TaskInstanceHistoryResponse"];
export type TaskInstance = Schemas["TaskInstanceResponse"];
export type TaskList = Schemas["TaskInstanceCollectionResponse"];

/** A task instance, or a task that the newest version adds to a run: then only its names are there. */
export type Touched = Partial<TaskInstance> & Pick<TaskInstance, "task_id" | "task_display_name">;
export type TouchedList = Pick<TaskList, "total_entries"> & { task_instances: Touched[] };

export type Dependency = Schemas["TaskDependencyResponse"];
export type DependencyLink = Schemas["DependencyLink"];
export type Holder = Schemas["DependencyHolder"];

/** What we understand of a param's JSON Schema. */
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
/** A param, with its schema read. */
export type Param = Omit<Schemas["ParamSpec"], "schema" | "source"> & { schema: Schema };

const DAG = "/api/v2/dags/{dag_id}";
const RUN = "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}";
const TASK = "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}";

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

/** A task instance; null when it is asked for without an index and the task is mapped: there are only those of its indexes. */
export const taskQuery = (ref: TaskRef) =>
  queryOptions({
    queryKey: [...taskKey(ref), "row"],
    queryFn: async ({ signal }): Promise<TaskInstance | null> => {
      if (ref.map_index < 0) {
        const found = await listTasks(runPath(ref), { task_id: ref.task_id, order_by: "map_index", limit: 1 }, signal);
        const first = found.task_instances[0];
        if (first) return first.map_index < 0 ? first : null;
      }
      // Says what is not there.
      return api.get(`${TASK}/{map_index}`, { path: taskPath(ref), signal });
    },
  });

/** Where the links of its operator lead: addresses by name, null where no attempt has said it. */
export const linksQuery = (ref: TaskRef) =>
  queryOptions({
    queryKey: [...taskKey(ref), "links"],
    queryFn: async ({ signal }) =>
      (await api.get(`${TASK}/links`, { path: { ...runPath(ref), task_id: ref.task_id }, query: { map_index: ref.map_index }, signal })).extra_links,
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

export const questionQuery = (ref: TaskRef) =>
  queryOptions({
    queryKey: [...taskKey(ref), "question"],
    queryFn: ({ signal }) => api.get(`${TASK}/{map_index}/hitlDetails`, { path: taskPath(ref), signal }),
  });

export const runDependenciesQuery = (dag_id: string, run_id: string) =>
  queryOptions({
    queryKey: ["dag", dag_id, "run", run_id, "dependencies"],
    queryFn: async ({ signal }) =>
      (await api.get("/api/v2/tradewind/dags/{dag_id}/dagRuns/{dag_run_id}/dependencies", { path: { dag_id, dag_run_id: run_id }, signal })).dependencies,
    refetchInterval: 5000,
  });

/** The updates of assets that started a run. */
export const causesQuery = (dag_id: string, run_id: string) =>
  queryOptions({
    queryKey: ["dag", dag_id, "run", run_id, "causes"],
    queryFn: async ({ signal }) =>
      (await api.get("/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/upstreamAssetEvents", { path: { dag_id, dag_run_id: run_id }, signal })).asset_events,
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

/** Under keys that begin so the links of operators are kept. */
const LINK = "_link_";

export const xcomsQuery = (ref: TaskRef) =>
  queryOptions({
    queryKey: [...taskKey(ref), "xcoms"],
    queryFn: async ({ signal }) => {
      const found = await api.get(`${TASK}/xcomEntries`, { path: { ...runPath(ref), task_id: ref.task_id }, query: { map_index: ref.map_index, limit: 1000 }, signal });
      return found.xcom_entries.filter((entry) => !entry.key.startsWith(LINK));
    },
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
