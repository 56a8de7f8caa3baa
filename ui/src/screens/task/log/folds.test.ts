import { describe, expect, it } from "vitest";
import { Folds, groupMark } from "./folds";

/** Marks by line: `[` opens a group, `]` ends one, anything else is a line. */
function folds(text: string): Folds {
  const made = new Folds();
  for (const [at, sign] of [...text].entries()) if (sign === "[" || sign === "]") made.add(at + 1, sign === "[");
  return made;
}

/** The lines that are shown, by row; each row leads back to itself. */
function shown(made: Folds, total: number): number[] {
  const rows = Array.from({ length: total - made.hidden }, (_, row) => made.numberOf(row));
  expect(rows.map((n) => made.rowOf(n))).toEqual(rows.map((_, row) => row));
  return rows;
}

describe("groups of a log", () => {
  it("begin and end with a mark of their own line", () => {
    expect(groupMark("::group:: Setting up ")).toEqual({ opens: true, title: "Setting up" });
    expect(groupMark("::endgroup::")).toEqual({ opens: false, title: "" });
    expect(groupMark("see ::group::")).toBeNull();
  });

  it("hide all but their head when they are closed", () => {
    const made = folds("..[...]..[.]");
    expect(made.groups).toEqual([
      { start: 3, end: 7 },
      { start: 10, end: 12 },
    ]);
    expect(shown(made, 12)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    made.set([3], true);
    expect(shown(made, 12)).toEqual([1, 2, 3, 8, 9, 10, 11, 12]);
    expect([4, 5, 7].map((n) => made.rowOf(n))).toEqual([2, 2, 2]);
    made.set([10], true);
    expect(shown(made, 12)).toEqual([1, 2, 3, 8, 9, 10]);
    expect(made.rowOf(12)).toBe(5);
    made.set([3, 10], false);
    expect(made.hidden).toBe(0);
  });

  it("stand in each other", () => {
    const made = folds("[.[.].].");
    made.set([3], true);
    expect(shown(made, 8)).toEqual([1, 2, 3, 6, 7, 8]);
    made.set([1], true);
    expect(shown(made, 8)).toEqual([1, 8]);
    expect(made.rowOf(4)).toBe(0);
    expect(made.reveal(4)).toBe(true);
    expect(shown(made, 8)).toHaveLength(8);
    expect(made.reveal(4)).toBe(false);
  });

  it("that follow each other at once are told apart", () => {
    const made = folds("[.][.]");
    made.set([1, 4], true);
    expect(shown(made, 6)).toEqual([1, 4]);
  });

  it("without an end are not folded, and an end without a group is nothing", () => {
    const made = folds("].[..");
    expect(made.groups).toEqual([]);
    expect(made.of(3)).toBeUndefined();
  });
});
