import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
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

/** Pages of the DAG list; `filters` are the query of the endpoint. */
export const dagsQuery = (filters: Query) =>
  infiniteQueryOptions({
    queryKey: ["dags", filters],
    queryFn: ({ signal, pageParam }) =>
      api.get("/api/v2/tradewind/dags", { query: { ...filters, ...(pageParam ? { cursor: pageParam } : {}) }, signal }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });

export const unpausePreviewQuery = (dag_id: string) =>
  queryOptions({
    queryKey: ["dag", dag_id, "unpausePreview"],
    queryFn: ({ signal }) => api.get("/api/v2/tradewind/dags/{dag_id}/unpausePreview", { path: { dag_id }, signal }),
    staleTime: 0,
    gcTime: 0,
  });
