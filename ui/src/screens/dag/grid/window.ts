/** Sizes of the grid in CSS pixels. */
export const CELL = 24;
export const HEAD = 104;

/** Rows and columns that are drawn together. */
export const TILE = 16;

/** A range of indices, `to` exclusive. */
export interface Range {
  from: number;
  to: number;
}

/** The tiles that a view of `size` pixels at `offset` touches, and `more` on each side. */
export function tilesIn(offset: number, size: number, count: number, more = 1): Range {
  const tiles = Math.ceil(count / TILE);
  const pixels = TILE * CELL;
  return {
    from: Math.max(0, Math.min(tiles, Math.floor(offset / pixels) - more)),
    to: Math.max(0, Math.min(tiles, Math.ceil((offset + size) / pixels) + more)),
  };
}

/** The indices of some tiles. */
export const cellsOf = (tiles: Range, count: number): Range => ({ from: tiles.from * TILE, to: Math.min(count, tiles.to * TILE) });

export const sameRange = (a: Range, b: Range): boolean => a.from === b.from && a.to === b.to;

/** Where the focus is: -1 is the head of the rows or columns. */
export interface Place {
  row: number;
  column: number;
}

/** Where a key moves the focus; `null`: it is none of these keys. `page` is how many rows are seen. */
export function moved(from: Place, key: string, mod: boolean, rows: number, columns: number, page: number): Place | null {
  const clamp = (place: Place): Place => ({
    row: Math.max(-1, Math.min(rows - 1, place.row)),
    column: Math.max(-1, Math.min(columns - 1, place.column)),
  });
  switch (key) {
    case "ArrowUp":
      return clamp({ ...from, row: mod ? -1 : from.row - 1 });
    case "ArrowDown":
      return clamp({ ...from, row: mod ? rows - 1 : from.row + 1 });
    case "ArrowLeft":
      return clamp({ ...from, column: mod ? -1 : from.column - 1 });
    case "ArrowRight":
      return clamp({ ...from, column: mod ? columns - 1 : from.column + 1 });
    case "Home":
      return clamp({ row: mod ? -1 : from.row, column: -1 });
    case "End":
      return clamp({ row: mod ? rows - 1 : from.row, column: columns - 1 });
    case "PageUp":
      return clamp({ ...from, row: from.row - page });
    case "PageDown":
      return clamp({ ...from, row: from.row + page });
    default:
      return null;
  }
}
