import { queryOptions } from "@tanstack/react-query";
import { api, type Query } from "./client";

/*
 * Queries of more than one screen. Keys begin with what a live event names, so that `live/rules.ts` can refresh what it
 * touches: ["home"], ["dags", ...], ["dag", dag_id, ...], ["dag", dag_id, "run", run_id, ...],
 * ["dag", dag_id, "run", run_id, "task", task_id, map_index, ...].
 */

export const homeQuery = queryOptions({
  queryKey: ["home"],
  queryFn: ({ signal }) => api.get("/api/v2/tradewind/home", { signal }),
});

/** Every process of the installation. */
export const clusterQuery = queryOptions({
  queryKey: ["cluster"],
  queryFn: ({ signal }) => api.get("/api/v2/tradewind/cluster", { signal }),
});

/** Rows of one page of the DAG list. */
export const DAG_PAGE = 50;

/** One page of the DAG list, counted from 0; `filters` are the query of the endpoint. */
export const dagsQuery = (filters: Query, page = 0) =>
  queryOptions({
    queryKey: ["dags", filters, page],
    queryFn: ({ signal }) =>
      api.get("/api/v2/tradewind/dags", { query: { ...filters, limit: DAG_PAGE, offset: page * DAG_PAGE }, signal }),
  });

export const tagsQuery = queryOptions({
  queryKey: ["dags", "tags"],
  queryFn: ({ signal }) => api.get("/api/v2/dagTags", { query: { limit: 1000 }, signal }),
  staleTime: 60_000,
});

export const unpausePreviewQuery = (dag_id: string) =>
  queryOptions({
    queryKey: ["dag", dag_id, "unpausePreview"],
    queryFn: ({ signal }) => api.get("/api/v2/tradewind/dags/{dag_id}/unpausePreview", { path: { dag_id }, signal }),
    staleTime: 0,
    gcTime: 0,
  });
