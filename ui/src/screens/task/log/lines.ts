/** One line of a log. Workers write objects; what is none of them has only its text. */
export interface LogLine {
  /** Its number in the file, from 1. */
  n: number;
  event: string;
  timestamp?: string | null;
  level?: string | null;
  logger?: string | null;
  filename?: string | null;
  lineno?: number | null;
  error_detail?: ErrorDetail[];
  [field: string]: unknown;
}

/** An exception as workers write it; the causes follow it in the list. */
export interface ErrorDetail {
  exc_type: string;
  exc_value: string;
  exc_notes?: string[];
  is_cause?: boolean;
  frames?: { filename: string; lineno: number; name: string; line?: string | null }[];
  is_group?: boolean;
  exceptions?: ErrorDetail[][];
}

export interface LinesAnswer {
  /** Of the whole file. */
  total_lines: number;
  size: number;
  lines: LogLine[];
  /** The attempt may still write. */
  open: boolean;
  /** Where to go on, and whether nothing is left that way. */
  next_line: number;
  before: number | null;
  done: boolean;
  /** Where it was looked for, when there is no file. */
  missing: string | null;
}

export const PAGE = 500;
/** Never more pages than this: 20,000 lines. */
export const MOST_PAGES = 40;

/** The lines of a file that are held: pages around what was looked at last. */
export class LineWindow {
  readonly #pages = new Map<number, (LogLine | undefined)[]>();

  get(n: number): LogLine | undefined {
    return this.#pages.get(page(n))?.[(n - 1) % PAGE];
  }

  /** Takes lines in; the pages looked at longest ago are given up. */
  put(lines: readonly LogLine[]): void {
    for (const line of lines) {
      const key = page(line.n);
      let held = this.#pages.get(key);
      if (!held) {
        held = [];
        this.#pages.set(key, held);
        this.#trim();
      }
      held[(line.n - 1) % PAGE] = line;
    }
  }

  /** Marks the pages of these lines as looked at. */
  touch(from: number, to: number): void {
    for (let key = page(from); key <= page(to); key += 1) {
      const held = this.#pages.get(key);
      if (!held) continue;
      this.#pages.delete(key);
      this.#pages.set(key, held);
    }
  }

  /** The pages with a line that is not held, among lines `from` to `to` of `total`: first line of each. */
  missing(from: number, to: number, total: number): number[] {
    const found: number[] = [];
    for (let key = page(Math.max(1, from)); key <= page(Math.min(to, total)); key += 1) {
      const held = this.#pages.get(key);
      const last = Math.min(PAGE, total - key * PAGE);
      let whole = held !== undefined;
      for (let at = 0; whole && at < last; at += 1) whole = held?.[at] !== undefined;
      if (!whole) found.push(key * PAGE + 1);
    }
    return found;
  }

  get held(): number {
    let sum = 0;
    for (const lines of this.#pages.values()) sum += lines.length;
    return sum;
  }

  #trim(): void {
    while (this.#pages.size > MOST_PAGES) {
      const oldest = this.#pages.keys().next();
      if (oldest.done) return;
      this.#pages.delete(oldest.value);
    }
  }
}

const page = (n: number): number => Math.floor((n - 1) / PAGE);

/** Lines that a filter lets through: known from a first to a last one, and growing at both ends. */
export class FilteredLines {
  lines: LogLine[] = [];
  atStart = false;
  atEnd = false;
  /** Lines before this one, and from that one, were not looked at yet. */
  before: number;
  from: number;

  constructor(near: number) {
    this.before = near;
    this.from = near;
  }

  /** Takes in earlier lines; how many rows came before the first. */
  prepend({ lines, before, done }: { lines: readonly LogLine[]; before: number | null; done: boolean }): number {
    const first = this.lines[0]?.n ?? Number.POSITIVE_INFINITY;
    const fresh = lines.filter((line) => line.n < first);
    this.lines = [...fresh, ...this.lines];
    this.before = before ?? 1;
    this.atStart = done || this.before <= 1;
    if (this.lines.length > PAGE * MOST_PAGES) {
      this.lines.length = PAGE * MOST_PAGES;
      this.from = (this.lines.at(-1)?.n ?? 0) + 1;
      this.atEnd = false;
    }
    return fresh.length;
  }

  /** Takes in later lines; how many rows were given up at the front. */
  append({ lines, next_line, done }: { lines: readonly LogLine[]; next_line: number; done: boolean }): number {
    const last = this.lines.at(-1)?.n ?? 0;
    this.lines = [...this.lines, ...lines.filter((line) => line.n > last)];
    this.from = next_line;
    this.atEnd = done;
    const over = this.lines.length - PAGE * MOST_PAGES;
    if (over <= 0) return 0;
    this.lines.splice(0, over);
    this.before = this.lines[0]?.n ?? 1;
    this.atStart = false;
    return over;
  }

  /** The row of the line with this number, or where it would stand. */
  indexOf(n: number): number {
    let low = 0;
    let high = this.lines.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.lines[middle]?.n ?? 0) < n) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
