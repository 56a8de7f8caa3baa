import { expect, it } from "vitest";
import type { Schemas } from "./schema";
import { unpack } from "./grid";

it("unpacks a page of the grid", () => {
  const row = (id: string, kind: "task" | "group") => ({ id, label: id, kind, parent: null, depth: 0, mapped: false, operator: null, setup: false, teardown: false, removed: false });
  const facts = {
    run_id: "r",
    run_type: "manual",
    state: "running",
    run_after: "2024-05-01T00:00:00Z",
    logical_date: null,
    data_interval_start: null,
    data_interval_end: null,
    queued_at: null,
    start_date: "2024-05-01T00:00:01Z",
    end_date: null,
    triggering_user_name: null,
    note: null,
    version_number: 1,
  } as const;
  const packed: Schemas["PackedGridResponse"] = {
    dag_id: "d",
    dag_display_name: "d",
    timezone: "UTC",
    version: 1,
    tasks: [row("a", "task"), row("g", "group"), row("g.b", "task"), row("g.c", "task"), row("g.d", "task")],
    letters: { d: "success", c: "running", "-": null },
    runs: [{ ...facts, cells: "dc.-", tries: [1, 2, 0, 0], starts: [500, 2000, null, null], took: [1500, null, null, null], notes: { a: "look" }, counts: { "g.b": { running: 2 } } }],
    has_older: true,
  };
  const grid = unpack(packed);
  expect("letters" in grid).toBe(false);
  expect(grid.runs[0]).toMatchObject(facts);
  expect(grid.runs[0]?.states).toEqual({
    a: { state: "success", try_number: 1, start_date: "2024-05-01T00:00:01.500Z", end_date: "2024-05-01T00:00:03.000Z", note: "look" },
    "g.b": { state: "running", try_number: 2, start_date: "2024-05-01T00:00:03.000Z", end_date: null, counts: { running: 2 } },
    "g.d": { state: null, try_number: 0, start_date: null, end_date: null },
  });
});
