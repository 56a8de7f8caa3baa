import { describe, expect, it } from "vitest";
import { atRatio, clamp, end, move, range, ratioOf } from "./anchor";

/** Every tenth row is a traceback. */
const heightOf = (row: number) => (row % 10 === 9 ? 120 : 20);
const VIEW = 400;
const COUNT = 2_000_000;

describe("a place among rows of different heights", () => {
  it("moves by pixels and comes back", () => {
    const there = move({ row: 5, offset: 3 }, 250, heightOf, COUNT);
    expect(there).toEqual({ row: 12, offset: 13 });
    expect(move(there, -250, heightOf, COUNT)).toEqual({ row: 5, offset: 3 });
    expect(move(there, -10_000, heightOf, COUNT)).toEqual({ row: 0, offset: 0 });
  });

  it("ends where the last row ends", () => {
    const last = end(VIEW, heightOf, COUNT);
    let sum = -last.offset;
    for (let row = last.row; row < COUNT; row += 1) sum += heightOf(row);
    expect(sum).toBe(VIEW);
    expect(clamp({ row: COUNT - 1, offset: 0 }, VIEW, heightOf, COUNT)).toEqual(last);
    expect(clamp({ row: 7, offset: 1 }, VIEW, heightOf, COUNT)).toEqual({ row: 7, offset: 1 });
    // Fewer rows than fit stand at the top.
    expect(clamp({ row: 2, offset: 5 }, VIEW, heightOf, 3)).toEqual({ row: 0, offset: 0 });
    expect(end(VIEW, heightOf, 0)).toEqual({ row: 0, offset: 0 });
  });

  it("draws what is seen and a little around", () => {
    const drawn = range({ row: 20, offset: 10 }, VIEW, heightOf, COUNT, 5);
    expect(drawn.first).toBe(15);
    expect(drawn.lead).toBe(20 * 4 + 120 + 10);
    let sum = -drawn.lead;
    for (let row = drawn.first; row < drawn.stop - 5; row += 1) sum += heightOf(row);
    expect(sum).toBeGreaterThanOrEqual(VIEW);
    expect(range({ row: 0, offset: 0 }, VIEW, heightOf, 2, 5)).toEqual({ first: 0, stop: 2, lead: 0 });
  });

  it("is found again by how far down it is", () => {
    for (const ratio of [0, 0.25, 0.5, 0.999]) {
      const there = atRatio(ratio, VIEW, heightOf, COUNT);
      expect(ratioOf(there, VIEW, heightOf, COUNT)).toBeCloseTo(ratio, 6);
    }
    expect(atRatio(1, VIEW, heightOf, COUNT)).toEqual(end(VIEW, heightOf, COUNT));
    expect(ratioOf({ row: 0, offset: 0 }, VIEW, heightOf, 2)).toBe(0);
  });
});
