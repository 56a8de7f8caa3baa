// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { afterRunMark, clearBody, merge, nothing, type ClearOptions } from "./targets";

const options: ClearOptions = { ...nothing, downstream: true, onlyFailed: true, latestVersion: false, onlyNew: false, note: " because " };

describe("a clear", () => {
  it("names tasks, and pairs with a map index", () => {
    const target = { kind: "tasks", dagId: "d", runId: "r", tasks: [{ taskId: "a" }, { taskId: "b", mapIndex: 3 }, { taskId: "c", mapIndex: -1 }] } as const;
    expect(clearBody(target, options, true)).toEqual({
      dry_run: true,
      only_failed: true,
      run_on_latest_version: false,
      include_past: false,
      include_future: false,
      include_upstream: false,
      include_downstream: true,
      dag_run_id: "r",
      task_ids: ["a", ["b", 3], "c"],
      reset_dag_runs: true,
    });
  });

  it("of a run says nothing of tasks, and sends the note only when it is done", () => {
    const target = { kind: "run", dagId: "d", runId: "r" } as const;
    expect(clearBody(target, options, true)).toEqual({ dry_run: true, only_failed: true, only_new: false, run_on_latest_version: false });
    expect(clearBody(target, options, false)).toMatchObject({ dry_run: false, note: "because" });
  });
});

describe("a marked run", () => {
  it("gives its state to what has begun, skips what has not, and leaves what has ended", () => {
    expect(afterRunMark("running", "failed")).toBe("failed");
    expect(afterRunMark("deferred", "success")).toBe("success");
    expect(afterRunMark("queued", "failed")).toBe("skipped");
    expect(afterRunMark(null, "failed")).toBe("skipped");
    expect(afterRunMark("success", "failed")).toBeNull();
    expect(afterRunMark("upstream_failed", "success")).toBeNull();
  });
});

it("lists of several tasks hold each task instance once", () => {
  const one = { task_id: "a", task_display_name: "a", dag_run_id: "r", map_index: -1 };
  expect(merge([{ task_instances: [one], total_entries: 1 }, { task_instances: [one, { ...one, map_index: 2 }], total_entries: 2 }]).total_entries).toBe(2);
});
