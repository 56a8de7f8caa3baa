import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, type Query } from "./client";
import type { Schemas } from "./schema";
import { listTasks } from "./work";

/* Connections, variables and pools: lists of named things. */

export type Connection = Schemas["ConnectionResponse"];
export type Variable = Schemas["VariableResponse"];
export type Pool = Schemas["PoolResponse"];

/** What stands in the place of a secret. */
export const MASK = "***";

const PAGE = 100;

/** A page of a list of named things. */
export interface KeyedPage<T> {
  rows: T[];
  total: number;
}

type Read<T> = (query: { limit: number; offset: number; order_by: string }, signal: AbortSignal) => Promise<KeyedPage<T>>;

function list<T>(name: string, search: string, order_by: string, read: Read<T>) {
  return infiniteQueryOptions({
    queryKey: [name, search, order_by],
    queryFn: ({ signal, pageParam }) => read({ limit: PAGE, offset: pageParam, order_by }, signal),
    initialPageParam: 0,
    getNextPageParam: (page, pages) => {
      const shown = pages.reduce((sum, one) => sum + one.rows.length, 0);
      return page.rows.length > 0 && shown < page.total ? shown : undefined;
    },
    placeholderData: keepPreviousData,
  });
}

export const readConnections = async (query: Query, signal?: AbortSignal): Promise<KeyedPage<Connection>> => {
  const found = await api.get("/api/v2/connections", { query, signal });
  return { rows: found.connections, total: found.total_entries };
};

export const readVariables = async (query: Query, signal?: AbortSignal): Promise<KeyedPage<Variable>> => {
  const found = await api.get("/api/v2/variables", { query, signal });
  return { rows: found.variables, total: found.total_entries };
};

export const connectionsQuery = (search: string, order: string) =>
  list("connections", search, order, (query, signal) => readConnections({ ...query, connection_id_pattern: search }, signal));

export const variablesQuery = (search: string, order: string) =>
  list("variables", search, order, (query, signal) => readVariables({ ...query, variable_key_pattern: search }, signal));

export const poolsQuery = (search: string, order: string) =>
  list("pools", search, order, async (query, signal) => {
    const found = await api.get("/api/v2/pools", { query: { ...query, pool_name_pattern: search }, signal });
    return { rows: found.pools, total: found.total_entries };
  });

/** Who holds slots of a pool, and who waits for one. */
export const poolUseQuery = (pool: string, states: readonly string[]) =>
  queryOptions({
    queryKey: ["pools", "use", pool, states],
    queryFn: ({ signal }) =>
      listTasks({ dag_id: "~", dag_run_id: "~" }, { pool, state: states, limit: 50, order_by: "run_after" }, signal),
    refetchInterval: 3000,
  });
