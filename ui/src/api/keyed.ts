import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api } from "./client";
import { listTasks } from "./work";

/* Connections, variables and pools: lists of named things. */

export interface Connection {
  connection_id: string;
  conn_type: string;
  description: string | null;
  host: string | null;
  login: string | null;
  schema: string | null;
  port: number | null;
  /** Never the password itself: a mask, or nothing. */
  password: string | null;
  /** JSON; secrets in it are masked. */
  extra: string | null;
}
export interface Variable {
  key: string;
  value: string;
  description: string | null;
  is_encrypted: boolean;
}
export interface Pool {
  name: string;
  /** -1: without bound. */
  slots: number;
  description: string | null;
  include_deferred: boolean;
  occupied_slots: number;
  running_slots: number;
  queued_slots: number;
  scheduled_slots: number;
  open_slots: number;
  deferred_slots: number;
}

/** What stands in the place of a secret. */
export const MASK = "***";

declare module "./types" {
  interface Answers {
    "get /api/v2/connections": { connections: Connection[]; total_entries: number };
    "get /api/v2/variables": { variables: Variable[]; total_entries: number };
    "get /api/v2/pools": { pools: Pool[]; total_entries: number };
  }
}

const PAGE = 100;

interface Shared<T> {
  rows: T[];
  total: number;
}

function list<T>(name: string, search: string, read: (query: Record<string, string | number | undefined>, signal: AbortSignal) => Promise<Shared<T>>) {
  return infiniteQueryOptions({
    queryKey: [name, search],
    queryFn: ({ signal, pageParam }) => read({ limit: PAGE, offset: pageParam }, signal),
    initialPageParam: 0,
    getNextPageParam: (page, pages) => {
      const shown = pages.reduce((sum, one) => sum + one.rows.length, 0);
      return page.rows.length > 0 && shown < page.total ? shown : undefined;
    },
    placeholderData: keepPreviousData,
  });
}

export const connectionsQuery = (search: string) =>
  list("connections", search, async (query, signal) => {
    const found = await api.get("/api/v2/connections", { query: { ...query, connection_id_pattern: search, order_by: "connection_id" }, signal });
    return { rows: found.connections, total: found.total_entries };
  });

export const variablesQuery = (search: string) =>
  list("variables", search, async (query, signal) => {
    const found = await api.get("/api/v2/variables", { query: { ...query, variable_key_pattern: search, order_by: "key" }, signal });
    return { rows: found.variables, total: found.total_entries };
  });

export const poolsQuery = (search: string) =>
  list("pools", search, async (query, signal) => {
    const found = await api.get("/api/v2/pools", { query: { ...query, pool_name_pattern: search, order_by: "name" }, signal });
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
