import { describe, expect, it } from "vitest";
import type { Grid } from "@/api/types";
import { cell, run } from "./fixtures";
import { patchGrid } from "./patch";

const grid: Grid = {
  dag_id: "d",
  dag_display_name: "d",
  timezone: "UTC",
  version: 1,
  tasks: [],
  runs: [
    run("r1", { a: cell("success"), b: cell("running", { start_date: "2024-01-01T00:00:00Z", note: "look" }) }),
    run("r2", { m: cell("running", { counts: { running: 2 } }) }, { state: "running", start_date: "2024-01-01T00:00:00Z" }),
  ],
  has_older: false,
};

describe("changes", () => {
  it("reach only the cell they are about", () => {
    const { grid: patched, stale, unknown } = patchGrid(grid, [
      { kind: "task_instance", dag_id: "d", run_id: "r1", task_id: "b", map_index: -1, state: "failed", try_number: 1, end_date: "2024-01-01T00:00:07Z" },
    ]);
    expect(patched.runs[0]?.states.b).toEqual({ state: "failed", try_number: 1, start_date: "2024-01-01T00:00:00Z", end_date: "2024-01-01T00:00:07Z", note: "look" });
    expect(patched.runs[0]?.states.a).toBe(grid.runs[0]?.states.a);
    expect(patched.runs[1]).toBe(grid.runs[1]);
    expect([stale, unknown.size]).toEqual([false, 0]);
  });

  it("of another try forget when the one before began", () => {
    const { grid: patched } = patchGrid(grid, [{ kind: "task_instance", dag_id: "d", run_id: "r1", task_id: "b", state: "queued", try_number: 2 }]);
    expect(patched.runs[0]?.states.b).toMatchObject({ state: "queued", try_number: 2, start_date: null, end_date: null });
  });

  it("of a cleared task take its state away", () => {
    const { grid: patched } = patchGrid(grid, [{ kind: "task_instance", dag_id: "d", run_id: "r1", task_id: "a", state: null, try_number: 1 }]);
    expect(patched.runs[0]?.states.a?.state).toBeNull();
  });

  it("of a run move its bar, and ask again for an end that was not told", () => {
    const ended = patchGrid(grid, [{ kind: "dag_run", dag_id: "d", run_id: "r2", state: "success" }]);
    expect(ended.grid.runs[1]).toMatchObject({ state: "success", end_date: null });
    expect(ended.stale).toBe(true);
    const told = patchGrid(grid, [{ kind: "dag_run", dag_id: "d", run_id: "r2", state: "success", end_date: "2024-01-01T00:01:00Z" }]);
    expect([told.grid.runs[1]?.end_date, told.stale]).toEqual(["2024-01-01T00:01:00Z", false]);
  });

  it("of mapped instances make the counts old", () => {
    const { grid: same, stale } = patchGrid(grid, [{ kind: "task_instance", dag_id: "d", run_id: "r2", task_id: "m", map_index: 3, state: "success" }]);
    expect(stale).toBe(true);
    expect(same.runs[1]?.states.m).toBe(grid.runs[1]?.states.m);
  });

  it("of runs that are not here are told apart, and other DAGs change nothing", () => {
    const { unknown } = patchGrid(grid, [{ kind: "dag_run", dag_id: "d", run_id: "r9", state: "queued" }]);
    expect([...unknown]).toEqual(["r9"]);
    expect(patchGrid(grid, [{ kind: "dag_run", dag_id: "other", run_id: "r1", state: "failed" }, { kind: "alert" }]).grid).toBe(grid);
  });
});
