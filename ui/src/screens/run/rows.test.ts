import { describe, expect, it } from "vitest";
import type { GridRow } from "@/api/types";
import { cell, run } from "@/screens/dag/grid/fixtures";
import { barOf, justAfter, linesOf } from "./rows";

const row = (id: string, kind: "task" | "group", parent: string | null = null): GridRow => ({ id, label: id, kind, parent, depth: parent ? 1 : 0, mapped: false, operator: null, setup: false, teardown: false, removed: false });
const tasks = [row("a", "task"), row("g", "group"), row("g.b", "task", "g"), row("g.c", "task", "g"), { ...row("old", "task"), removed: true }];
const at = (second: number) => `2024-01-01T00:00:${String(second).padStart(2, "0")}Z`;
const one = run("r", {
  a: cell("success", { start_date: at(10), end_date: at(12) }),
  "g.b": cell("failed", { start_date: at(1), end_date: at(9) }),
  "g.c": cell("success", { counts: { success: 3, failed: 1 }, start_date: at(5), end_date: at(6) }),
});
const none = { task: "", state: "", order: "" } as const;
const ids = (narrowing: Parameters<typeof linesOf>[3], folded: string[] = []) => linesOf(tasks, one, new Set(folded), narrowing).map((line) => line.row.id);

describe("the tasks of a run", () => {
  it("stand as in the DAG, without what the run never had", () => {
    expect(ids(none)).toEqual(["a", "g", "g.b", "g.c"]);
    expect(ids(none, ["g"])).toEqual(["a", "g"]);
  });

  it("are all there before the run began", () => {
    expect(linesOf(tasks, run("q", {}), new Set(), none).map((line) => line.row.id)).toEqual(["a", "g", "g.b", "g.c"]);
  });

  it("are found whatever is folded, also by the state of some of their instances", () => {
    expect(ids({ ...none, task: "B" }, ["g"])).toEqual(["g.b"]);
    expect(ids({ ...none, state: "failed" })).toEqual(["g.b", "g.c"]);
    expect(ids({ ...none, order: "start" })).toEqual(["g.b", "g.c", "a"]);
    expect(ids({ ...none, order: "duration" })).toEqual(["g.b", "a", "g.c"]);
  });
});

describe("bars of time", () => {
  const [from, to] = [Date.parse(at(0)), Date.parse(at(20))];
  it("are parts of the time of the run", () => {
    expect(barOf({ start: at(5), end: at(10) }, from, to, to)).toEqual({ left: 0.25, width: 0.25 });
    expect(barOf({ start: at(10), end: null }, from, to, Date.parse(at(15)))).toEqual({ left: 0.5, width: 0.25 });
    expect(barOf({ start: null, end: null }, from, to, to)).toBeNull();
  });

  it("never leave it", () => {
    expect(barOf({ start: at(10), end: at(59) }, from, to, to)).toEqual({ left: 0.5, width: 0.5 });
    expect(barOf({ start: at(30), end: at(40) }, from, to, to)).toEqual({ left: 1, width: 0 });
  });
});

it("finds the page of the grid that a run is on", () => {
  expect(justAfter("2024-01-01T00:00:00.123456Z")).toBe("2024-01-01T00:00:00.124Z");
});
