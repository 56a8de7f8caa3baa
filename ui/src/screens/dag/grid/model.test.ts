import { describe, expect, it } from "vitest";
import type { Grid, GridRow, GridRun } from "@/api/types";
import { cell, run } from "./fixtures";
import { join, rowsOf, scaleEnd, squareOf, took } from "./model";

const row = (id: string, kind: "task" | "group", parent: string | null = null, depth = 0): GridRow => ({
  id,
  label: id,
  kind,
  parent,
  depth,
  mapped: false,
  operator: null,
  setup: false,
  teardown: false,
  removed: false,
});
const page = (tasks: GridRow[], runs: GridRun[], has_older = false): Grid => ({ dag_id: "d", dag_display_name: "d", timezone: "UTC", version: 1, tasks, runs, has_older });

const tasks = [
  row("first", "task"),
  row("outer", "group"),
  row("outer.a", "task", "outer", 1),
  row("outer.inner", "group", "outer", 1),
  row("outer.inner.b", "task", "outer.inner", 2),
  row("last", "task"),
];

describe("rows", () => {
  const ids = (folded: string[]) => rowsOf(tasks, new Set(folded)).map((one) => one.id);

  it("leave out what is in a folded group, at any depth", () => {
    expect(ids([])).toEqual(tasks.map((one) => one.id));
    expect(ids(["outer.inner"])).toEqual(["first", "outer", "outer.a", "outer.inner", "last"]);
    expect(ids(["outer"])).toEqual(["first", "outer", "last"]);
    expect(ids(["outer", "outer.inner"])).toEqual(["first", "outer", "last"]);
  });

  it("know the tasks of a group", () => {
    const [, outer, , inner] = rowsOf(tasks, new Set());
    expect(outer?.members).toEqual(["outer.a", "outer.inner.b"]);
    expect(inner?.members).toEqual(["outer.inner.b"]);
  });
});

describe("pages", () => {
  it("join with the newest run last, each run and task once", () => {
    const newest = page([row("a", "task")], [run("r3", {}), run("r4", {})], true);
    const older = page([row("a", "task"), row("gone", "task")], [run("r1", {}), run("r3", {})], false);
    const table = join([newest, older]);
    expect(table.runs.map((one) => one.run_id)).toEqual(["r1", "r3", "r4"]);
    expect(table.tasks.map((one) => one.id)).toEqual(["a", "gone"]);
    expect(table.hasOlder).toBe(false);
    expect(join([newest]).hasOlder).toBe(true);
  });
});

describe("a square", () => {
  const [, outer] = rowsOf(tasks, new Set(["outer"]));
  const [first] = rowsOf(tasks, new Set());

  it("is absent where the run has no such task", () => {
    expect(first && squareOf(first, run("r", {}))).toBeNull();
  });

  it("of a group shows what says most, and counts the rest", () => {
    const square = outer && squareOf(outer, run("r", { "outer.a": cell("success"), "outer.inner.b": cell("failed", { try_number: 3 }) }));
    expect(square).toMatchObject({ state: "failed", total: 2, tryNumber: 3 });
    expect(square?.counts).toEqual([["failed", 1], ["success", 1]]);
  });

  it("of a mapped task in a group adds its instances", () => {
    const square = outer && squareOf(outer, run("r", { "outer.a": cell("running", { counts: { success: 5, none: 2, running: 1 } }), "outer.inner.b": cell("success") }));
    expect(square?.counts).toEqual([["running", 1], ["none", 2], ["success", 6]]);
    expect(square?.total).toBe(9);
  });

  it("lasts from the first start to the last end, and has no end while one goes on", () => {
    const states = {
      "outer.a": cell("success", { start_date: "2024-01-01T00:00:05Z", end_date: "2024-01-01T00:00:09Z" }),
      "outer.inner.b": cell("success", { start_date: "2024-01-01T00:00:02Z", end_date: "2024-01-01T00:00:03Z" }),
    };
    expect(outer && squareOf(outer, run("r", states))).toMatchObject({ start: "2024-01-01T00:00:02Z", end: "2024-01-01T00:00:09Z" });
    states["outer.a"].end_date = null as never;
    expect(outer && squareOf(outer, run("r", states))?.end).toBeNull();
  });
});

describe("bars", () => {
  it("end at a round length", () => {
    expect([0.3, 1, 1.2, 61, 4000, 200_000].map(scaleEnd)).toEqual([1, 1, 2, 120, 7200, 259_200]);
  });

  it("grow while a run goes on", () => {
    const start_date = "2024-01-01T00:00:00Z";
    const now = Date.parse(start_date) + 5000;
    expect(took({ start_date, end_date: null }, now)).toBe(5);
    expect(took({ start_date, end_date: "2024-01-01T00:00:02Z" }, now)).toBe(2);
    expect(took({ start_date: null, end_date: null }, now)).toBe(0);
  });
});
