import type { DagList, DagRow, RunState } from "@/api/types";
import type { LiveEvent } from "@/live/stream";

const counted = (state: string | null | undefined): state is RunState =>
  state === "queued" || state === "running" || state === "success" || state === "failed";

/** The row after a run of it changed its state; the same row when it does not show that run. */
function patchRow(row: DagRow, event: LiveEvent): DagRow {
  const at = row.last_runs.findIndex((run) => run.run_id === event.run_id);
  const run = row.last_runs[at];
  const { state } = event;
  if (!run || !counted(state) || run.state === state) return row;
  const counts = { ...row.run_counts, [run.state]: Math.max(0, row.run_counts[run.state] - 1) };
  counts[state] += 1;
  const changed = { ...run, state, start_date: event.start_date ?? run.start_date, end_date: event.end_date ?? run.end_date };
  return { ...row, run_counts: counts, last_runs: row.last_runs.with(at, changed) };
}

/** A page of the list after some changes; the same page when none of them shows. New runs are asked for, not guessed. */
export function patchList(list: DagList, events: readonly LiveEvent[]): DagList {
  const runs = events.filter((event) => event.kind === "dag_run" && event.run_id !== undefined);
  let changed = false;
  const dags = list.dags.map((row) => {
    const patched = runs.filter((event) => event.dag_id === row.dag_id).reduce(patchRow, row);
    changed ||= patched !== row;
    return patched;
  });
  return changed ? { ...list, dags } : list;
}
