/** What to mark in the lines: `null` for nothing, `"wrong"` for a pattern that is none. */
export function searchPattern(query: string, regex: boolean): RegExp | null | "wrong" {
  if (query === "") return null;
  try {
    return new RegExp(regex ? query : query.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`), "gi");
  } catch {
    return "wrong";
  }
}

const UNITS = ["B", "kB", "MB", "GB"] as const;

/** `3.2 MB` */
export function bytes(count: number, locale: string): string {
  let value = count;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${new Intl.NumberFormat(locale, { maximumFractionDigits: value < 10 && unit > 0 ? 1 : 0 }).format(value)} ${UNITS[unit]}`;
}
