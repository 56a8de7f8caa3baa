/** A piece of text and how the escape codes before it say it looks. */
export interface Piece {
  text: string;
  /** 0 to 15 of the terminal's own colours. */
  colour?: number;
  back?: number;
  bold?: boolean;
  dim?: boolean;
  italic?: boolean;
  underline?: boolean;
}
type Look = Omit<Piece, "text">;

// Colours and styles (SGR); whatever else a terminal would obey is dropped: cursor moves, titles, links.
// oxlint-disable-next-line no-control-regex -- escape sequences are what this is about
const SEQUENCE = /\u001B(?:\[([0-?]*)([ -/]*[@-~])|\][^\u0007\u001B]*(?:\u0007|\u001B\\)|[@-Z\\-_])/g;

/** Splits a line at its escape codes. A carriage return within it starts the line again, as on a terminal. */
export function pieces(line: string): Piece[] {
  const kept = line.replace(/\r+$/, "");
  const text = kept.slice(kept.lastIndexOf("\r") + 1);
  if (!text.includes("\u001B")) return text === "" ? [] : [{ text }];
  const found: Piece[] = [];
  let look: Look = {};
  let at = 0;
  for (const match of text.matchAll(SEQUENCE)) {
    if (match.index > at) found.push({ text: text.slice(at, match.index), ...look });
    at = match.index + match[0].length;
    if (match[2] === "m") look = apply(look, match[1] ?? "");
  }
  if (at < text.length) found.push({ text: text.slice(at), ...look });
  return found;
}

/** The text without its escape codes. */
export const plain = (line: string): string => pieces(line).map((piece) => piece.text).join("");

function apply(before: Look, codes: string): Look {
  const look: Look = { ...before };
  const list = codes.split(/[;:]/).map((code) => (code === "" ? 0 : Number(code)));
  for (let at = 0; at < list.length; at += 1) {
    const code = list[at] ?? 0;
    if (code === 38 || code === 48) {
      const [colour, used] = extended(list.slice(at + 1));
      if (colour !== null) look[code === 38 ? "colour" : "back"] = colour;
      at += used;
    } else one(look, code);
  }
  return look;
}

function one(look: Look, code: number): void {
  if (code === 0) {
    for (const key of Object.keys(look) as (keyof Look)[]) delete look[key];
  } else if (code === 1) look.bold = true;
  else if (code === 2) look.dim = true;
  else if (code === 3) look.italic = true;
  else if (code === 4) look.underline = true;
  else if (code === 22) {
    delete look.bold;
    delete look.dim;
  } else if (code === 23) delete look.italic;
  else if (code === 24) delete look.underline;
  else if (code >= 30 && code <= 37) look.colour = code - 30;
  else if (code === 39) delete look.colour;
  else if (code >= 40 && code <= 47) look.back = code - 40;
  else if (code === 49) delete look.back;
  else if (code >= 90 && code <= 97) look.colour = code - 82;
  else if (code >= 100 && code <= 107) look.back = code - 92;
}

/** `5;n` or `2;r;g;b` as the nearest of the sixteen: those have contrast in both themes. */
function extended(list: readonly number[]): [number | null, number] {
  if (list[0] === 5) return [list[1] === undefined ? null : of256(list[1]), 2];
  if (list[0] === 2) {
    const [r = 0, g = 0, b = 0] = list.slice(1, 4);
    return [nearest(r, g, b), 4];
  }
  return [null, 0];
}

function of256(n: number): number {
  if (n < 16) return n;
  if (n >= 232) return nearest(...(Array(3).fill(8 + (n - 232) * 10) as [number, number, number]));
  const level = (value: number) => (value === 0 ? 0 : 55 + value * 40);
  const cube = n - 16;
  return nearest(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6));
}

function nearest(r: number, g: number, b: number): number {
  const most = Math.max(r, g, b);
  const least = Math.min(r, g, b);
  if (most - least < 40) return most < 60 ? 0 : most < 130 ? 8 : most < 210 ? 7 : 15;
  const half = (most + least) / 2;
  const bits = (r > half ? 1 : 0) | (g > half ? 2 : 0) | (b > half ? 4 : 0);
  return most > 200 ? bits + 8 : bits;
}

/** Splits pieces at what was searched for; every second group of the answer is a hit. */
export function highlight(all: readonly Piece[], search: RegExp | null): (Piece & { hit: boolean })[] {
  const text = all.map((piece) => piece.text).join("");
  if (!search || text === "") return all.map((piece) => ({ ...piece, hit: false }));
  const hits: [number, number][] = [];
  for (const match of text.matchAll(search)) {
    if (match[0] !== "") hits.push([match.index, match.index + match[0].length]);
    if (hits.length >= 200) break;
  }
  const found: (Piece & { hit: boolean })[] = [];
  let at = 0;
  for (const piece of all) {
    const stop = at + piece.text.length;
    let from = at;
    for (const [first, last] of hits) {
      if (last <= from || first >= stop) continue;
      const begin = Math.max(first, from);
      const finish = Math.min(last, stop);
      if (begin > from) found.push({ ...piece, text: text.slice(from, begin), hit: false });
      found.push({ ...piece, text: text.slice(begin, finish), hit: true });
      from = finish;
    }
    if (from < stop) found.push({ ...piece, text: text.slice(from, stop), hit: false });
    at = stop;
  }
  return found;
}
