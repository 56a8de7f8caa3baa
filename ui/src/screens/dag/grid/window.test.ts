import { describe, expect, it } from "vitest";
import { CELL, cellsOf, moved, TILE, tilesIn } from "./window";

describe("the part that is drawn", () => {
  const tile = TILE * CELL;
  it("is what is in view and one tile around it", () => {
    expect(tilesIn(0, tile, 1000)).toEqual({ from: 0, to: 2 });
    expect(tilesIn(10 * tile + 1, 2 * tile, 1000)).toEqual({ from: 9, to: 14 });
  });

  it("ends with what there is", () => {
    expect(tilesIn(0, 10_000, 20)).toEqual({ from: 0, to: 2 });
    expect(cellsOf({ from: 0, to: 2 }, 20)).toEqual({ from: 0, to: 20 });
    expect(tilesIn(99_999, 500, 20)).toEqual({ from: 2, to: 2 });
    expect(tilesIn(0, 500, 0)).toEqual({ from: 0, to: 0 });
  });
});

describe("keys", () => {
  const from = { row: 3, column: 5 };
  const press = (key: string, mod = false) => moved(from, key, mod, 10, 20, 4);

  it("move the focus by one, by a page, and to the ends", () => {
    expect(press("ArrowUp")).toEqual({ row: 2, column: 5 });
    expect(press("ArrowDown", true)).toEqual({ row: 9, column: 5 });
    expect(press("PageDown")).toEqual({ row: 7, column: 5 });
    expect(press("PageUp")).toEqual({ row: -1, column: 5 });
    expect(press("Home")).toEqual({ row: 3, column: -1 });
    expect(press("End", true)).toEqual({ row: 9, column: 19 });
    expect(press("x")).toBeNull();
  });

  it("stay within the grid, whose heads are part of it", () => {
    expect(moved({ row: -1, column: -1 }, "ArrowLeft", false, 10, 20, 4)).toEqual({ row: -1, column: -1 });
    expect(moved({ row: 9, column: 19 }, "ArrowRight", false, 10, 20, 4)).toEqual({ row: 9, column: 19 });
  });
});
