import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Grid } from "@/api/types";
import { addPatch } from "@/live/rules";
import { patchGrid } from "./patch";

/** How often a page is asked for again at most, for what events do not tell (milliseconds). */
const PAUSE = 1200;

/** Keeps the pages of a DAG's grid up to date by events; asks again only for new runs and for counts of mapped tasks. */
export function useGridLive(dagId: string): void {
  const client = useQueryClient();
  useEffect(() => {
    const waiting = new Map<string, ReturnType<typeof setTimeout>>();
    const lately = new Map<string, number>();
    const again = (queryKey: readonly unknown[]) => {
      const name = JSON.stringify(queryKey);
      if (waiting.has(name)) return;
      const act = () => {
        waiting.delete(name);
        lately.set(name, Date.now());
        void client.invalidateQueries({ queryKey, exact: true });
      };
      waiting.set(name, setTimeout(act, Math.max(0, (lately.get(name) ?? 0) + PAUSE - Date.now())));
    };
    const remove = addPatch((events) => {
      if (!events.some((event) => event.dag_id === dagId)) return;
      const unknown = new Set(events.filter((event) => event.kind === "dag_run" && event.dag_id === dagId).map((event) => event.run_id));
      const pages = client.getQueryCache().findAll({ queryKey: ["grid", dagId], type: "active" });
      for (const page of pages) {
        const grid = page.state.data as Grid | undefined;
        if (!grid) continue;
        const patched = patchGrid(grid, events);
        for (const run of grid.runs) unknown.delete(run.run_id);
        if (patched.grid !== grid) client.setQueryData(page.queryKey, patched.grid, { updatedAt: page.state.dataUpdatedAt });
        const [, , filter] = page.queryKey;
        const narrowed = Object.keys(filter as object).length > 0;
        // An answer on its way may be older than the event.
        const late = page.state.fetchStatus === "fetching";
        if (patched.stale || (patched.grid !== grid && (narrowed || late))) again(page.queryKey);
      }
      // New runs, or a new form of the DAG: they are on the newest page.
      if (unknown.size > 0 || events.some((event) => event.kind === "dag" && event.dag_id === dagId)) {
        const newest = pages.find((page) => page.queryKey[3] === "");
        if (newest) again(newest.queryKey);
      }
    });
    return () => {
      remove();
      for (const timer of waiting.values()) clearTimeout(timer);
    };
  }, [client, dagId]);
}
