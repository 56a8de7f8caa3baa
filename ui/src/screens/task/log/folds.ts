/** Lines between a `::group::` and its `::endgroup::`, both of them included. */
export interface Group {
  start: number;
  end: number;
}

/** Lines `from` to `to` are not shown; `before`: how many are hidden before them. */
interface Hidden {
  from: number;
  to: number;
  before: number;
}

const MARK = /^::(group|endgroup)::(.*)$/s;

/** What a line says of groups; `null`: nothing. */
export function groupMark(text: string): { opens: boolean; title: string } | null {
  const found = MARK.exec(text);
  return found ? { opens: found[1] === "group", title: (found[2] ?? "").trim() } : null;
}

/** The groups of a log, which of them are closed, and with that which line stands in which row. Lines count from 1, rows from 0. */
export class Folds {
  /** Goes up with each change of what is shown. */
  version = 0;
  readonly #groups = new Map<number, Group>();
  /** First lines of groups that have no end yet. */
  readonly #begun: number[] = [];
  readonly #closed = new Set<number>();
  #hidden: Hidden[] = [];

  /** Takes a mark in; they come in the order of the file. The group that it ends, if it ends one. */
  add(n: number, opens: boolean): Group | null {
    if (opens) {
      this.#begun.push(n);
      return null;
    }
    const start = this.#begun.pop();
    if (start === undefined) return null;
    const group = { start, end: n };
    this.#groups.set(start, group);
    return group;
  }

  get groups(): readonly Group[] {
    return [...this.#groups.values()];
  }

  /** The group that begins in a line; without an end there is nothing to fold. */
  of(n: number): Group | undefined {
    return this.#groups.get(n);
  }

  isClosed(n: number): boolean {
    return this.#closed.has(n);
  }

  /** Opens and closes groups by their first lines. */
  set(starts: Iterable<number>, closed: boolean): void {
    for (const start of starts) {
      if (closed) this.#closed.add(start);
      else this.#closed.delete(start);
    }
    this.#lay();
  }

  /** Opens whatever hides a line; whether anything did. */
  reveal(n: number): boolean {
    const around = this.groups.filter(({ start, end }) => start < n && n <= end && this.#closed.has(start));
    if (around.length > 0) this.set(around.map(({ start }) => start), false);
    return around.length > 0;
  }

  #lay(): void {
    this.version += 1;
    const closed = this.groups.filter(({ start }) => this.#closed.has(start)).sort((a, b) => a.start - b.start);
    this.#hidden = [];
    let before = 0;
    for (const { start, end } of closed) {
      const last = this.#hidden.at(-1);
      // Within one that is closed.
      if (last && start <= last.to) continue;
      this.#hidden.push({ from: start + 1, to: end, before });
      before += end - start;
    }
  }

  /** Of `total` lines, how many are hidden. */
  get hidden(): number {
    const last = this.#hidden.at(-1);
    return last ? last.before + last.to - last.from + 1 : 0;
  }

  /** The row of a line; of one that is hidden, that of the head of its group. */
  rowOf(n: number): number {
    const part = this.#hidden[upper(this.#hidden, (one) => one.from <= n) - 1];
    if (!part) return n - 1;
    if (n <= part.to) return part.from - 2 - part.before;
    return n - 1 - (part.before + part.to - part.from + 1);
  }

  /** The line of a row. */
  numberOf(row: number): number {
    const part = this.#hidden[upper(this.#hidden, (one) => one.from - 2 - one.before < row) - 1];
    return part ? row + 1 + part.before + part.to - part.from + 1 : row + 1;
  }
}

/** How many at the front of a list are so, where those that are so come first. */
function upper<T>(list: readonly T[], is: (one: T) => boolean): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const one = list[middle];
    if (one !== undefined && is(one)) low = middle + 1;
    else high = middle;
  }
  return low;
}
