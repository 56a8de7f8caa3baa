import type { Query } from "@/api/client";

/** What the list may be sorted by; `-` before it turns the order around. */
export const dagOrders = ["dag_display_name", "-dag_display_name", "next_run_after", "-next_run_after", "last_run_start_date", "-last_run_start_date"] as const;
export const runStates = ["running", "queued", "failed", "success"] as const;

/** The filters of the list, as they stand in the address. */
export interface DagFilters {
  search?: string;
  tags?: string[];
  tags_match_mode?: "any" | "all";
  /** `all` is said only where the server hides paused DAGs by default. */
  paused?: "true" | "false" | "all";
  last_run_state?: (typeof runStates)[number];
  owner?: string;
  favorite?: boolean;
  has_import_errors?: boolean;
  order_by?: (typeof dagOrders)[number];
}

/** The query of the endpoint. */
export function asQuery(filters: DagFilters, hidePaused: boolean): Query {
  const { paused, ...rest } = filters;
  const shown = paused ?? (hidePaused ? "false" : "all");
  return { ...rest, ...(shown === "all" ? {} : { paused: shown }) };
}

/** Whether something narrows the list. */
export function isFiltered(filters: DagFilters): boolean {
  const { order_by: _, tags_match_mode: __, ...narrowing } = filters;
  return Object.values(narrowing).some((value) => value !== undefined);
}
