const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

/** `3 minutes ago`, `in 2 days`. */
export function relative(at: Date, now: Date, locale: string): string {
  const seconds = (at.getTime() - now.getTime()) / 1000;
  const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? (["second", 1] as const);
  return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(Math.trunc(seconds / size), unit);
}

const PARTS: [string, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

/** A length of time as a person reads it: `1h 4m`, `12.3s`, `340ms`; at most two units. */
export function duration(seconds: number, locale: string): string {
  const number = (value: number, unit: string, digits = 0) =>
    new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "narrow", maximumFractionDigits: digits }).format(value);
  if (seconds < 0) return `-${duration(-seconds, locale)}`;
  if (seconds < 1) return number(Math.round(seconds * 1000), "millisecond");
  if (seconds < 60) return number(seconds, "second", seconds < 10 ? 1 : 0);
  let rest = Math.round(seconds);
  const words: string[] = [];
  for (const [unit, size] of PARTS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) words.push(number(count, unit));
    else if (words.length > 0) break;
    if (words.length === 2) break;
  }
  return words.join(" ");
}

/** Seconds between two times of the API; `null` while one is missing. */
export function between(start: string | null | undefined, end: string | null | undefined): number | null {
  return start && end ? (Date.parse(end) - Date.parse(start)) / 1000 : null;
}
