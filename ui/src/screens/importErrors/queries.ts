import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api } from "@/api/client";
import type { Schemas } from "@/api/schema";

export type ImportError = Schemas["ImportErrorResponse"];
export type Warning = Schemas["DAGWarningResponse"];

const PAGE = 50;

export const importErrorsQuery = (search: string) =>
  infiniteQueryOptions({
    queryKey: ["importErrors", "list", search],
    queryFn: ({ signal, pageParam }) =>
      api.get("/api/v2/importErrors", { query: { filename_pattern: search, limit: PAGE, offset: pageParam, order_by: "filename" }, signal }),
    initialPageParam: 0,
    getNextPageParam: (page, pages) => {
      const shown = pages.reduce((sum, one) => sum + one.import_errors.length, 0);
      return page.import_errors.length > 0 && shown < page.total_entries ? shown : undefined;
    },
    placeholderData: keepPreviousData,
  });

/** Warnings of all DAGs, as far as a person would read them. */
export const allWarningsQuery = queryOptions({
  queryKey: ["importErrors", "warnings"],
  queryFn: async ({ signal }) => {
    const all: Warning[] = [];
    for (;;) {
      const page = await api.get("/api/v2/dagWarnings", { query: { limit: 100, offset: all.length }, signal });
      all.push(...page.dag_warnings);
      if (page.dag_warnings.length === 0 || all.length >= page.total_entries || all.length >= 1000) return all;
    }
  },
});

export interface WarningGroup {
  message: string;
  type: string;
  dags: string[];
  /** When the first of them came. */
  since: string;
}

/** The same words once, with all DAGs that they are about. */
export function groupWarnings(warnings: readonly Warning[]): WarningGroup[] {
  const groups = new Map<string, WarningGroup>();
  for (const { dag_id, warning_type, message, timestamp } of warnings) {
    const key = `${warning_type} ${message}`;
    const group = groups.get(key);
    if (!group) groups.set(key, { message, type: warning_type, dags: [dag_id], since: timestamp });
    else {
      if (!group.dags.includes(dag_id)) group.dags.push(dag_id);
      if (timestamp < group.since) group.since = timestamp;
    }
  }
  return [...groups.values()].sort((a, b) => b.dags.length - a.dags.length || a.message.localeCompare(b.message));
}
