import type { KeyedPage } from "@/api/keyed";

/** What a file holds that cannot be imported, by a key of `exchange.wrong`. */
export class ExchangeProblem extends Error {
  constructor(
    readonly kind: "json" | "object" | "entry" | "field" | "type" | "uri",
    readonly values: { name?: string; words?: string } = {},
  ) {
    super(kind);
  }
}

/** A list as a file: an object of names and what they stand for, as the command line writes and reads it. */
export interface ExchangeOf<T> {
  /** A page of the list. */
  read: (query: { limit: number; offset: number }) => Promise<KeyedPage<T>>;
  nameOf: (row: T) => string;
  /** A row as it stands in a file; `without`: what is secret of it was left out, `null`: all of it was. */
  toFile: (row: T) => { value: unknown; without: boolean } | null;
  /** What stands in a file, as the API takes it; `before` is what has the name now. */
  fromFile: (name: string, value: unknown, before: T | undefined) => object;
  send: (entities: object[], onExisting: "overwrite" | "skip") => Promise<Outcome>;
}
export interface Outcome {
  done: number;
  errors: string[];
}

const PAGE = 100;

/** All rows. */
export async function all<T>({ read }: Pick<ExchangeOf<T>, "read">): Promise<T[]> {
  const rows: T[] = [];
  for (;;) {
    const page = await read({ limit: PAGE, offset: rows.length });
    rows.push(...page.rows);
    if (page.rows.length === 0 || rows.length >= page.total) return rows;
  }
}

export interface Exported {
  text: string;
  count: number;
  /** Names of what lacks something secret, or lacks altogether. */
  without: string[];
}

export function asFile<T>({ nameOf, toFile }: ExchangeOf<T>, rows: readonly T[]): Exported {
  const entries: [string, unknown][] = [];
  const without: string[] = [];
  for (const row of rows) {
    const entry = toFile(row);
    if (!entry || entry.without) without.push(nameOf(row));
    if (entry) entries.push([nameOf(row), entry.value]);
  }
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return { text: `${JSON.stringify(Object.fromEntries(entries), null, 4)}\n`, count: entries.length, without };
}

export interface Imported {
  /** Those whose names are new, and those that would replace something. */
  fresh: string[];
  existing: string[];
  entities: object[];
}

/** What a file would change. */
export function ofFile<T>(exchange: ExchangeOf<T>, text: string, rows: readonly T[]): Imported {
  let entries: unknown;
  try {
    entries = JSON.parse(text);
  } catch (error) {
    throw new ExchangeProblem("json", { words: error instanceof Error ? error.message : String(error) });
  }
  if (!isObject(entries)) throw new ExchangeProblem("object");
  const there = new Map(rows.map((row) => [exchange.nameOf(row), row]));
  const names = Object.keys(entries);
  return {
    fresh: names.filter((name) => !there.has(name)),
    existing: names.filter((name) => there.has(name)),
    entities: names.map((name) => exchange.fromFile(name, entries[name], there.get(name))),
  };
}

export const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

/** A text as it is, anything else as JSON. */
export const asText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

interface Bulk {
  create: { success: string[]; errors: { error: string }[] } | null;
}

/** The answer of a bulk request that only creates. */
export const outcomeOf = ({ create }: Bulk): Outcome => ({ done: create?.success.length ?? 0, errors: create?.errors.map(({ error }) => error) ?? [] });
