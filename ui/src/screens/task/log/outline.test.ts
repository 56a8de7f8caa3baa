import { describe, expect, it } from "vitest";
import type { Query } from "@/api/client";
import { Folds } from "./folds";
import { findErrors, findGroups, marksOf } from "./outline";

const texts: Record<number, string> = { 2: "::group::a", 5: "::endgroup::", 7: "::group::b", 9: "::endgroup::" };
const signal = new AbortController().signal;

/** A server that finds two matches at a time. */
function server(lines: readonly number[], asked: Query[] = []) {
  return (query: Query) => {
    asked.push(query);
    const rest = lines.filter((n) => n > Number(query.after_line));
    const found = rest.slice(0, 2);
    const done = rest.length <= 2;
    return Promise.resolve({ matches: found.map((n) => ({ n, text: texts[n] ?? "" })), next_after: done ? 100 : (found.at(-1) ?? 0), done });
  };
}

describe("the outline of a log", () => {
  it("has all errors, however many answers they take", async () => {
    const asked: Query[] = [];
    const found: number[] = [];
    await findErrors(server([3, 4, 8, 20, 21], asked), signal, (lines) => found.push(...lines));
    expect(found).toEqual([3, 4, 8, 20, 21]);
    expect(asked.map((query) => query.after_line)).toEqual([0, 4, 20]);
  });

  it("has the groups", async () => {
    const folds = new Folds();
    await findGroups(server([2, 5, 7, 9]), signal, folds);
    expect(folds.groups).toEqual([
      { start: 2, end: 5 },
      { start: 7, end: 9 },
    ]);
  });

  it("marks errors along a bar once for each place", () => {
    expect(marksOf([1, 2, 3, 500, 1000], 1000, 100)).toEqual([
      { at: 0, n: 1 },
      { at: 0.499, n: 500 },
      { at: 0.999, n: 1000 },
    ]);
    expect(marksOf([], 0, 100)).toEqual([]);
  });
});
