/**
 * Where a view of very many rows stands: the row at its top, and how far its top edge is above that of the view. Rows differ in
 * height and are measured only when they are drawn; a scroll bar over all of them is a matter of proportion.
 */
export interface Anchor {
  row: number;
  offset: number;
}

export type HeightOf = (row: number) => number;

/** Moves by pixels, within the rows there are. */
export function move({ row, offset }: Anchor, by: number, heightOf: HeightOf, count: number): Anchor {
  let at = Math.max(0, Math.min(row, count - 1));
  let rest = offset + by;
  while (rest < 0 && at > 0) {
    at -= 1;
    rest += heightOf(at);
  }
  while (at < count - 1 && rest >= heightOf(at)) {
    rest -= heightOf(at);
    at += 1;
  }
  return { row: at, offset: Math.max(0, rest) };
}

/** The lowest place: the last row ends where the view ends. */
export function end(view: number, heightOf: HeightOf, count: number): Anchor {
  let row = count - 1;
  let sum = row >= 0 ? heightOf(row) : 0;
  while (sum < view && row > 0) {
    row -= 1;
    sum += heightOf(row);
  }
  return { row: Math.max(0, row), offset: Math.max(0, sum - view) };
}

/** No lower than the lowest place. */
export function clamp(anchor: Anchor, view: number, heightOf: HeightOf, count: number): Anchor {
  let sum = -anchor.offset;
  for (let row = anchor.row; row < count; row += 1) {
    sum += heightOf(row);
    if (sum >= view) return anchor;
  }
  return end(view, heightOf, count);
}

/** The rows to draw: first, behind the last, and how far the first is above the top of the view. */
export function range(anchor: Anchor, view: number, heightOf: HeightOf, count: number, over: number): { first: number; stop: number; lead: number } {
  const first = Math.max(0, anchor.row - over);
  let lead = anchor.offset;
  for (let row = first; row < anchor.row; row += 1) lead += heightOf(row);
  let stop = anchor.row;
  let sum = -anchor.offset;
  while (stop < count && sum < view) {
    sum += heightOf(stop);
    stop += 1;
  }
  return { first, stop: Math.min(count, stop + over), lead };
}

const position = (anchor: Anchor, heightOf: HeightOf): number => anchor.row + anchor.offset / Math.max(1, heightOf(anchor.row));

/** How far down a place is, from 0 to 1. */
export function ratioOf(anchor: Anchor, view: number, heightOf: HeightOf, count: number): number {
  const last = position(end(view, heightOf, count), heightOf);
  return last <= 0 ? 0 : Math.min(1, position(anchor, heightOf) / last);
}

/** The place that far down. */
export function atRatio(ratio: number, view: number, heightOf: HeightOf, count: number): Anchor {
  const lowest = end(view, heightOf, count);
  if (ratio >= 1) return lowest;
  const at = Math.max(0, ratio) * position(lowest, heightOf);
  const row = Math.floor(at);
  return { row, offset: (at - row) * heightOf(row) };
}
