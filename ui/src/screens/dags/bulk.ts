import { api } from "@/api/client";
import type { UnpausePreview } from "@/api/types";
import type { Chosen } from "./selection";

export const bulkActs = ["pause", "unpause", "trigger"] as const;
export type BulkAct = (typeof bulkActs)[number];

/** Those that an act changes: what is paused is not paused again. */
export const touched = (act: BulkAct, chosen: readonly Chosen[]): Chosen[] => chosen.filter((dag) => act === "trigger" || dag.is_paused === (act === "unpause"));

/** Requests at once: the rest of the page goes on meanwhile. */
const AT_ONCE = 4;

/** Works through a list, a few at a time, in order; stops taking up more when the signal says so. */
export async function several<T>(list: readonly T[], signal: AbortSignal, work: (one: T) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < list.length && !signal.aborted) {
      const one = list[next];
      next += 1;
      if (one !== undefined) await work(one);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, list.length) }, worker));
}

/** Carries an act out on one DAG. */
export async function perform(act: BulkAct, dag_id: string, fromNow: boolean): Promise<void> {
  if (act === "trigger") {
    await api.post("/api/v2/dags/{dag_id}/dagRuns", { path: { dag_id }, body: { logical_date: null } });
    return;
  }
  await api.patch("/api/v2/dags/{dag_id}", {
    path: { dag_id },
    query: { update_mask: "is_paused", ...(act === "unpause" && fromNow ? { from_now: true } : {}) },
    body: { is_paused: act === "pause" },
  });
}

/** How many runs unpausing some DAGs starts in all, and whether it may be more. */
export function started(previews: readonly UnpausePreview[]): { count: number; exact: boolean } {
  return { count: previews.reduce((sum, preview) => sum + preview.count, 0), exact: previews.every((preview) => preview.exact) };
}
