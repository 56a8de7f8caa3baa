import { expect, it } from "vitest";
import { asQuery, isFiltered } from "./filters";

it("hides paused DAGs where the server says so, unless they are asked for", () => {
  expect(asQuery({}, false)).toEqual({});
  expect(asQuery({}, true)).toEqual({ paused: "false" });
  expect(asQuery({ paused: "all" }, true)).toEqual({});
  expect(asQuery({ paused: "true", tags: ["a"] }, false)).toEqual({ paused: "true", tags: ["a"] });
});

it("knows what narrows the list", () => {
  expect(isFiltered({})).toBe(false);
  expect(isFiltered({ order_by: "next_run_after" })).toBe(false);
  expect(isFiltered({ favorite: true })).toBe(true);
});
