import { FilteredLines, type LinesAnswer, LineWindow, type LogLine, PAGE } from "./lines";
import type { Query } from "@/api/client";
import { Folds, groupMark } from "./folds";
import { findErrors, findGroups } from "./outline";
import { nextMatch, previousMatch } from "./seek";
import type { LogSource } from "./source";

/** Which lines are shown: all, or those of at least a level. */
export type LeastLevel = "all" | "info" | "warning" | "error";
const LEVELS: Record<Exclude<LeastLevel, "all">, string[]> = {
  info: ["info", "warning", "error", "critical"],
  warning: ["warning", "error", "critical"],
  error: ["error", "critical"],
};

export const isError = (line: LogLine): boolean => /^(error|critical|fatal)$/i.test(line.level ?? "");

/** Where the view is asked to go. Each demand is a new object. */
export interface Jump {
  to: "end" | number;
}

/** How a log is opened. */
export interface Opening {
  line?: number | undefined;
  /** To the first error, when there is one. */
  atError: boolean;
}

export interface Search {
  query: string;
  regex: boolean;
}

export type Found = { kind: "none" } | { kind: "at"; n: number } | { kind: "nothing" } | { kind: "busy" } | { kind: "failed"; error: unknown };

/** Scrolling past many pages asks only for where it comes to rest. */
const REST = 70;
const AGAIN = 3000;
/** How long the opening of a log waits for its groups; those of one that takes longer stay open. */
const GROUPS = 250;

/**
 * A log as the view shows it: a window on the file, or the lines behind a filter, and what is written meanwhile. Rows count from 0
 * over what the filter lets through, `n` from 1 over the file.
 */
export class LogModel {
  status: "opening" | "ready" | "failed" = "opening";
  error: unknown = null;
  total = 0;
  size = 0;
  open = false;
  missing: string | null = null;
  least: LeastLevel = "all";
  /** The view stays at the end as lines come. */
  following = false;
  jump: Jump | null = null;
  found: Found = { kind: "none" };
  /** The lines behind a filter are being looked for. */
  filling = false;
  /** Lines that came with the last message of the stream; many are not read out. */
  burst = 0;
  folds = new Folds();
  /** Lines of errors, in order, as far as they are known. */
  errors: number[] = [];

  readonly #source: LogSource;
  /** Rows put before the first or taken from it since the view last asked. */
  #shifted = 0;
  readonly #watchers = new Set<() => void>();
  readonly #asked = new Set<string>();
  #window = new LineWindow();
  #filtered: FilteredLines | null = null;
  #version = 0;
  #stopStream: (() => void) | null = null;
  #frame: number | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;
  #life = new AbortController();
  #searching: AbortController | null = null;

  constructor(source: LogSource) {
    this.#source = source;
  }

  watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };
  version = (): number => this.#version;

  #tell(): void {
    this.#version += 1;
    for (const watcher of this.#watchers) watcher();
  }

  /** Lines come faster than they can be drawn: once for each picture. */
  #tellSoon(): void {
    if (this.#frame !== null) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = null;
      this.#tell();
    });
  }

  get downloadUrl(): string {
    return this.#source.downloadUrl;
  }

  /** How many rows there are. */
  get rows(): number {
    return this.#filtered ? this.#filtered.lines.length : this.total - this.folds.hidden;
  }

  at(row: number): LogLine | undefined {
    return this.#filtered ? this.#filtered.lines[row] : this.#window.get(this.folds.numberOf(row));
  }

  /** The number of a row's line, also while the line is still to come. */
  numberOf(row: number): number {
    return this.#filtered ? (this.#filtered.lines[row]?.n ?? 0) : this.folds.numberOf(row);
  }

  rowOf(n: number): number {
    return this.#filtered ? Math.min(this.#filtered.indexOf(n), this.#filtered.lines.length - 1) : this.folds.rowOf(Math.max(1, Math.min(n, this.total)));
  }

  takeShift(): number {
    const shifted = this.#shifted;
    this.#shifted = 0;
    return shifted;
  }

  /** Whether the view stays at the end; what is written at the foot of the view changes with it. */
  follow(on: boolean): void {
    if (this.following === on) return;
    this.following = on;
    this.#tell();
  }

  async start({ line, atError }: Opening): Promise<void> {
    this.#life = new AbortController();
    const { signal } = this.#life;
    try {
      const error = line === undefined && atError ? await this.#source.firstError(signal) : null;
      const to = line ?? error;
      const groups = this.#outline(signal, to ?? undefined);
      const answer = await (to === null || to === undefined
        ? this.#source.lines({ tail: PAGE }, signal)
        : this.#source.lines({ from: Math.max(1, to - PAGE / 2), limit: PAGE }, signal));
      await groups;
      this.#take(answer);
      this.status = "ready";
      this.following = to === null || to === undefined ? answer.open : false;
      this.jump = { to: to ?? "end" };
      if (answer.open) this.#listen();
    } catch (error) {
      if (signal.aborted) return;
      this.status = "failed";
      this.error = error;
    }
    this.#tell();
  }

  /** Looks for groups and errors; comes back when the groups are known and closed, or when that takes too long. */
  async #outline(signal: AbortSignal, shown: number | undefined): Promise<void> {
    const folds = new Folds();
    const failed = (error: unknown) => {
      if (!signal.aborted) this.error = error;
    };
    const errors: number[] = [];
    this.folds = folds;
    this.errors = errors;
    let late = false;
    const found = findGroups(this.#source.search, signal, folds).then(() => {
      if (!late) folds.set(folds.groups.map(({ start }) => start), true);
      if (shown !== undefined) folds.reveal(shown);
      this.#tell();
    }, failed);
    void findErrors(this.#source.search, signal, (lines) => {
      errors.push(...lines);
      // A group with an error in it is what one looks for.
      if (!late) for (const n of lines) folds.reveal(n);
      this.#tellSoon();
    }).catch(failed);
    await Promise.race([found, new Promise((done) => setTimeout(done, GROUPS))]);
    late = true;
  }

  /** Opens or closes a group by its first line. */
  fold(n: number, closed: boolean): void {
    this.folds.set([n], closed);
    this.#tell();
  }

  /** Opens or closes all groups. */
  foldAll(closed: boolean): void {
    this.folds.set(this.folds.groups.map(({ start }) => start), closed);
    this.#tell();
  }

  /** Goes to the next error or the one before, seen from line `from`; behind the last the first follows. */
  async toError(direction: 1 | -1, from: number): Promise<void> {
    const next = direction === 1 ? (this.errors.find((n) => n > from) ?? this.errors[0]) : (this.errors.findLast((n) => n < from) ?? this.errors.at(-1));
    if (next === undefined) return this.toFirstError();
    this.found = { kind: "at", n: next };
    this.goTo(next);
  }

  stop(): void {
    this.#life.abort();
    this.#searching?.abort();
    this.#stopStream?.();
    this.#stopStream = null;
    if (this.#frame !== null) cancelAnimationFrame(this.#frame);
    this.#frame = null;
    clearTimeout(this.#timer);
    clearTimeout(this.#again);
  }

  #take(answer: LinesAnswer): void {
    this.total = Math.max(this.total, answer.total_lines);
    this.size = Math.max(this.size, answer.size);
    this.open = answer.open;
    this.missing = answer.missing;
    this.#window.put(answer.lines);
  }

  #listen(): void {
    this.#stopStream?.();
    this.#stopStream = this.#source.stream(this.total, {
      lines: (lines, nextLine) => {
        this.total = Math.max(this.total, nextLine - 1);
        this.missing = null;
        this.burst = lines.length;
        this.#window.put(lines);
        this.#mark(lines);
        const through = { lines: lines.filter((line) => this.#lets(line)), next_line: nextLine, done: true };
        if (this.#filtered?.atEnd) this.#shifted -= this.#filtered.append(through);
        this.#tellSoon();
      },
      reset: () => {
        this.#window = new LineWindow();
        this.#filtered = null;
        this.folds = new Folds();
        this.errors = [];
        this.least = "all";
        this.total = 0;
        this.#tell();
      },
      end: () => {
        this.open = false;
        this.#tell();
      },
      broken: () => {
        this.#again = setTimeout(() => this.open && this.#listen(), AGAIN);
      },
    });
  }

  /** Errors and groups of lines that were written just now; a group that is seen as it comes stays open. */
  #mark(lines: readonly LogLine[]): void {
    for (const line of lines) {
      if (isError(line) && line.n > (this.errors.at(-1) ?? 0)) this.errors.push(line.n);
      const mark = groupMark(line.event);
      if (mark) this.folds.add(line.n, mark.opens);
    }
  }

  #lets = (line: LogLine): boolean => this.least === "all" || LEVELS[this.least].includes((line.level ?? "").toLowerCase());

  #levels(): string[] | undefined {
    return this.least === "all" ? undefined : LEVELS[this.least];
  }

  /** The view shows these rows: what is missing of them is asked for when it comes to rest. */
  want(from: number, to: number): void {
    if (this.status !== "ready" || this.rows === 0) return;
    if (this.#filtered) {
      if (this.filling) return;
      if (from < PAGE / 2 && !this.#filtered.atStart) void this.#extend("before");
      if (to > this.rows - PAGE / 2 && !this.#filtered.atEnd) void this.#extend("after");
      return;
    }
    const missing = new Set<number>();
    for (const [first, last] of runs(from, Math.min(to, this.rows), (row) => this.folds.numberOf(row))) {
      this.#window.touch(first, last);
      for (const page of this.#window.missing(first, last, this.total)) missing.add(page);
    }
    clearTimeout(this.#timer);
    if (missing.size > 0) this.#timer = setTimeout(() => missing.forEach((first) => void this.#load(first)), REST);
  }

  async #once(key: string, act: (signal: AbortSignal) => Promise<void>): Promise<void> {
    if (this.#asked.has(key)) return;
    this.#asked.add(key);
    const { signal } = this.#life;
    try {
      await act(signal);
      this.error = null;
    } catch (error) {
      if (signal.aborted) return;
      this.error = error;
    } finally {
      this.#asked.delete(key);
    }
    this.#tell();
  }

  #load(first: number): Promise<void> {
    return this.#once(`page ${first}`, async (signal) => this.#take(await this.#source.lines({ from: first, limit: PAGE }, signal)));
  }

  #extend(side: "before" | "after"): Promise<void> {
    const filtered = this.#filtered;
    if (!filtered) return Promise.resolve();
    return this.#once(`${this.least} ${side}`, (signal) => this.#grow(filtered, side, PAGE, signal));
  }

  /** Asks until there are lines or nothing is left: the server looks for a time only, and few lines may have the level. */
  async #grow(filtered: FilteredLines, side: "before" | "after", limit: number, signal: AbortSignal): Promise<void> {
    const level = this.#levels();
    for (;;) {
      const bound = side === "before" ? { tail: limit, before: filtered.before } : { from: filtered.from, limit };
      const answer = await this.#source.lines({ ...bound, level }, signal);
      if (this.#filtered !== filtered) return;
      if (side === "before") this.#shifted += filtered.prepend(answer);
      else this.#shifted -= filtered.append(answer);
      if (answer.lines.length > 0 || (side === "before" ? filtered.atStart : filtered.atEnd)) return;
    }
  }

  /** Shows only lines of at least a level, or all again, staying near line `near`. */
  async setLeast(least: LeastLevel, near: number): Promise<void> {
    this.least = least;
    this.#shifted = 0;
    if (least === "all") {
      this.#filtered = null;
      this.filling = false;
      this.jump = { to: this.following ? "end" : near };
      this.#tell();
      return;
    }
    const filtered = new FilteredLines(near);
    this.#filtered = filtered;
    this.filling = true;
    this.#tell();
    await this.#once(`filter ${least}`, async (signal) => {
      await Promise.all([this.#grow(filtered, "before", PAGE / 2, signal), this.#grow(filtered, "after", PAGE / 2, signal)]);
      if (this.#filtered !== filtered) return;
      this.#shifted = 0;
      this.jump = { to: this.following ? "end" : near };
    });
    if (this.#filtered !== filtered) return;
    this.filling = false;
    this.#tell();
  }

  /** Goes to the first error of the file. */
  async toFirstError(): Promise<void> {
    await this.#once("first error", async (signal) => {
      const n = await this.#source.firstError(signal);
      if (n === null) this.found = { kind: "nothing" };
      else this.goTo(n);
    });
  }

  goTo(n: number): void {
    this.folds.reveal(n);
    this.following = false;
    this.jump = { to: n };
    this.#tell();
  }

  toEnd(): void {
    this.following = this.open;
    this.jump = { to: "end" };
    this.#tell();
  }

  /** The next or previous line with what is searched for, seen from line `from`; at the end it goes on at the other end. */
  async find(search: Search, direction: 1 | -1, from: number): Promise<void> {
    this.#searching?.abort();
    if (search.query === "") {
      this.found = { kind: "none" };
      this.#tell();
      return;
    }
    const searching = new AbortController();
    this.#searching = searching;
    this.found = { kind: "busy" };
    this.#tell();
    try {
      const other = direction === 1 ? 0 : this.total + 1;
      const n = (await this.#seek(search, direction, from, searching.signal)) ?? (await this.#seek(search, direction, other, searching.signal));
      this.found = n === null ? { kind: "nothing" } : { kind: "at", n };
      if (n !== null) this.goTo(n);
    } catch (error) {
      if (searching.signal.aborted) return;
      this.found = { kind: "failed", error };
    }
    this.#tell();
  }

  #seek(search: Search, direction: 1 | -1, from: number, signal: AbortSignal): Promise<number | null> {
    const ask = (query: Query) =>
      this.#source.search({ q: search.query, regex: search.regex, ignore_case: true, level: this.#levels(), ...query }, signal);
    return direction === 1 ? nextMatch(ask, from) : previousMatch(ask, from);
  }
}

/** The lines of some rows as runs without a gap: first and last of each. */
function runs(from: number, to: number, numberOf: (row: number) => number): [number, number][] {
  const found: [number, number][] = [];
  for (let row = from; row < to; row += 1) {
    const n = numberOf(row);
    const last = found.at(-1);
    if (last && n === last[1] + 1) last[1] = n;
    else found.push([n, n]);
  }
  return found;
}
