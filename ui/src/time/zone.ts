/** Wall time of an instant in a zone, and how the zone is called then. */
export interface Wall {
  /** `2022-06-07` */
  date: string;
  /** `02:00:00` */
  time: string;
  /** `KST`, `EDT`, `UTC`; an offset where the zone has no letters of its own. */
  abbreviation: string;
  /** `+09:00` */
  offset: string;
}

// English has letters for few zones outside its own countries; these are the ones people there use.
const LETTERS: Record<string, string> = {
  "Asia/Seoul": "KST",
  "Asia/Pyongyang": "KST",
  "Asia/Tokyo": "JST",
  "Asia/Shanghai": "CST",
  "Asia/Taipei": "CST",
  "Asia/Hong_Kong": "HKT",
  "Asia/Manila": "PST",
  "Asia/Jakarta": "WIB",
  "Asia/Karachi": "PKT",
  "Asia/Kolkata": "IST",
  "Asia/Calcutta": "IST",
  "Africa/Johannesburg": "SAST",
  "Africa/Lagos": "WAT",
  "Africa/Nairobi": "EAT",
};
// Each knows the letters of its own part of the world.
const LOCALES = ["en-US", "en-GB", "en-AU"] as const;

const formats = new Map<string, Intl.DateTimeFormat>();

function format(locale: string, zone: string, name: "short" | "longOffset"): Intl.DateTimeFormat {
  const key = `${locale} ${zone} ${name}`;
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(locale, {
      timeZone: zone,
      timeZoneName: name,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    formats.set(key, found);
  }
  return found;
}

function parts(locale: string, zone: string, name: "short" | "longOffset", at: Date): Record<string, string> {
  return Object.fromEntries(format(locale, zone, name).formatToParts(at).map((part) => [part.type, part.value]));
}

function abbreviation(zone: string, at: Date, offset: string): string {
  if (zone === "UTC" || zone === "Etc/UTC") return "UTC";
  for (const locale of LOCALES) {
    const name = parts(locale, zone, "short", at).timeZoneName ?? "";
    if (/^[A-Z]{2,5}$/.test(name) && name !== "GMT") return name;
    if (name === "GMT" && zone === "Europe/London") return name;
  }
  return LETTERS[zone] ?? offset;
}

/** The wall time of an instant in a zone. */
export function wall(at: Date, zone: string): Wall {
  const p = parts("en-US", zone, "longOffset", at);
  const offset = (p.timeZoneName ?? "").replace("GMT", "") || "+00:00";
  return {
    date: `${(p.year ?? "").padStart(4, "0")}-${p.month}-${p.day}`,
    time: `${p.hour}:${p.minute}:${p.second}`,
    abbreviation: abbreviation(zone, at, offset),
    offset,
  };
}

export type Precision = "minute" | "second";

/** `2022-06-07 02:00 KST`: never without its zone. */
export function shown(at: Date, zone: string, precision: Precision = "minute"): string {
  const w = wall(at, zone);
  return `${w.date} ${precision === "minute" ? w.time.slice(0, 5) : w.time} ${w.abbreviation}`;
}

/** Whether the time zone database knows the name. */
export function isZone(name: string): boolean {
  try {
    return name !== "" && Boolean(Intl.DateTimeFormat("en-US", { timeZone: name }));
  } catch {
    return false;
  }
}

/** The zone of this machine. */
export const browserZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
