import { queryOptions } from "@tanstack/react-query";
import { api } from "./client";
import type { Schemas } from "./schema";

export type Backfill = Schemas["BackfillResponse"];
export type BackfillBody = Schemas["BackfillPostBody"];

/** The backfill of a DAG that has not ended, if there is one. */
export const activeBackfillQuery = (dag_id: string) =>
  queryOptions({
    queryKey: ["dag", dag_id, "backfill"],
    queryFn: ({ signal }) =>
      api.get("/api/v2/backfills", { query: { dag_id, active: true, limit: 1 }, signal }).then((page) => page.backfills[0] ?? null),
    // That it is complete, paused or ended by others is told by no event of a run.
    refetchInterval: (query) => (query.state.data ? 1000 : false),
  });

/** How far a backfill is. */
export const backfillProgressQuery = (dag_id: string, backfill_id: number) =>
  queryOptions({
    queryKey: ["dag", dag_id, "backfill", backfill_id],
    queryFn: ({ signal }) => api.get("/api/v2/tradewind/backfills/{backfill_id}/progress", { path: { backfill_id: String(backfill_id) }, signal }),
  });

/** The dates that a backfill would run. Not below the DAG's key: the dialog asks what it shows, and an event of its own backfill would have it asked for again. */
export const backfillDatesQuery = (body: BackfillBody) =>
  queryOptions({
    queryKey: ["backfillDates", body],
    queryFn: ({ signal }) => api.post("/api/v2/backfills/dry_run", { body, signal }).then((page) => page.backfills),
    retry: false,
    staleTime: 0,
    gcTime: 0,
  });
