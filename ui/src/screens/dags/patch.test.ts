import { expect, it } from "vitest";
import type { DagList, DagRow } from "@/api/types";
import { patchList } from "./patch";

const run = { run_id: "r1", run_type: "manual", state: "running", run_after: "", logical_date: null, start_date: "2024-01-01T00:00:00Z", end_date: null } as const;
const row = { dag_id: "d", last_runs: [run], run_counts: { queued: 0, running: 1, success: 4, failed: 0 } } as unknown as DagRow;
const list = { dags: [row], total_entries: 1, next_cursor: null } as DagList;

it("shows at once what became of a run", () => {
  const end_date = "2024-01-01T00:00:09Z";
  const [after] = patchList(list, [{ kind: "dag_run", dag_id: "d", run_id: "r1", state: "success", end_date }]).dags;
  expect(after?.last_runs[0]).toEqual({ ...run, state: "success", end_date });
  expect(after?.run_counts).toEqual({ queued: 0, running: 0, success: 5, failed: 0 });
  expect(row.last_runs[0]).toBe(run);
});

it("leaves alone what does not show it", () => {
  for (const event of [
    { kind: "dag_run", dag_id: "d", run_id: "unknown", state: "success" },
    { kind: "dag_run", dag_id: "other", run_id: "r1", state: "success" },
    { kind: "dag_run", dag_id: "d", run_id: "r1", state: "running" },
    { kind: "task_instance", dag_id: "d", run_id: "r1", state: "success" },
  ] as const) {
    expect(patchList(list, [event])).toBe(list);
  }
});
