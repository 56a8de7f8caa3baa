import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, type Query } from "./client";
import { unpack } from "./grid";
import type { RunState, RunType } from "./types";

/* Queries about one DAG and its runs; their keys are those that `live/rules.ts` makes old. */

/** What the grid may be narrowed to. */
export interface GridFilter {
  run_type?: Exclude<RunType, "dataset_triggered"> | undefined;
  state?: RunState | undefined;
}

/** The runs before an instant; their cells are kept up to date by events (`screens/dag/grid/live.ts`), not by asking again. */
export const gridQuery = (dag_id: string, filter: GridFilter, before: string | undefined, limit: number) =>
  queryOptions({
    queryKey: ["grid", dag_id, filter, before ?? "", limit],
    queryFn: ({ signal }) =>
      api.get("/api/v2/tradewind/dags/{dag_id}/grid/packed", { path: { dag_id }, query: { ...filter, before, limit }, signal }).then(unpack),
    staleTime: 60_000,
  });

export const scheduleQuery = (dag_id: string, from: string | undefined) =>
  queryOptions({
    queryKey: ["dag", dag_id, "schedule", from ?? ""],
    queryFn: ({ signal }) => api.get("/api/v2/tradewind/dags/{dag_id}/schedule", { path: { dag_id }, query: { count: 25, from }, signal }),
    placeholderData: keepPreviousData,
  });

/** What a DAG that is scheduled by assets waits for. */
export const awaitedQuery = (dag_id: string) =>
  queryOptions({
    // What tasks of other DAGs write changes it.
    queryKey: ["assets", "awaited", dag_id],
    queryFn: ({ signal }) => api.get("/api/v2/tradewind/dags/{dag_id}/assets", { path: { dag_id }, signal }),
  });

/** Pages of the runs of a DAG; `filters` are the query of the endpoint. */
export const runsQuery = (dag_id: string, filters: Query) =>
  infiniteQueryOptions({
    queryKey: ["dag", dag_id, "runs", filters],
    queryFn: ({ signal, pageParam }) =>
      api.get("/api/v2/dags/{dag_id}/dagRuns", { path: { dag_id }, query: { ...filters, limit: 50, cursor: pageParam }, signal }),
    // Asked for with an empty cursor, the server gives the first page and the key of the next.
    initialPageParam: "" as string,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });

export const sourceQuery = (dag_id: string, version_number: number | undefined) =>
  queryOptions({
    queryKey: ["dag", dag_id, "source", version_number ?? 0],
    queryFn: ({ signal }) => api.get("/api/v2/dagSources/{dag_id}", { path: { dag_id }, query: { version_number }, signal }),
    placeholderData: keepPreviousData,
  });

export const versionsQuery = (dag_id: string) =>
  queryOptions({
    queryKey: ["dag", dag_id, "versions"],
    queryFn: ({ signal }) =>
      api.get("/api/v2/dags/{dag_id}/dagVersions", { path: { dag_id }, query: { order_by: "-version_number", limit: 100 }, signal }),
  });

/** Why the file of a DAG cannot be read any more. */
export const importErrorsOfFileQuery = (dag_id: string, filename: string) =>
  queryOptions({
    queryKey: ["importErrors", "of", dag_id, filename],
    queryFn: ({ signal }) =>
      api
        .get("/api/v2/importErrors", { query: { filename_pattern: filename }, signal })
        .then((page) => page.import_errors.filter((error) => error.filename === filename || error.filename.endsWith(`/${filename}`))),
  });

export const warningsQuery = (dag_id: string) =>
  queryOptions({
    queryKey: ["dag", dag_id, "warnings"],
    queryFn: ({ signal }) => api.get("/api/v2/dagWarnings", { query: { dag_id }, signal }).then((page) => page.dag_warnings),
  });

/** The id of the run that is due next after one; `null`: that is the newest. */
export const runAfterQuery = (dag_id: string, run_after: string, run_id: string) =>
  queryOptions({
    queryKey: ["dag", dag_id, "runs", "after", run_id],
    queryFn: ({ signal }) =>
      api
        .get("/api/v2/dags/{dag_id}/dagRuns", { path: { dag_id }, query: { run_after_gt: run_after, order_by: ["run_after"], limit: 1 }, signal })
        .then((page) => page.dag_runs[0]?.dag_run_id ?? null),
  });
