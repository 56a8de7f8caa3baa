import { wall } from "./zone";

/** An instant as a field for date and time shows it, in a zone: `2026-11-28T02:00`. */
export function toInput(iso: string | null | undefined, zone: string): string {
  const at = new Date(iso ?? "");
  if (Number.isNaN(at.getTime())) return "";
  const w = wall(at, zone);
  const time = w.time.endsWith(":00") ? w.time.slice(0, 5) : w.time;
  return `${w.date}T${time}`;
}

const offsetMinutes = (at: number, zone: string): number => {
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)?/.exec(wall(new Date(at), zone).offset) ?? [];
  return (sign === "-" ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0));
};

/**
 * What was typed as an instant with the zone's offset: `2026-11-28T02:00:00+09:00`; `null` for what is no time. An hour that the
 * clocks leave out is taken as after the change; of one that comes twice, the first.
 */
export function fromInput(text: string, zone: string): string | null {
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d(?:\.\d+)?)?$/.exec(text.trim());
  if (!match) return null;
  const utc = Date.parse(`${match[1]}T${match[2]}${match[3] ?? ":00"}Z`);
  if (Number.isNaN(utc)) return null;
  const day = 86_400_000;
  // The offsets on both sides of any change near it; the one before a change is the larger one where clocks go back.
  const candidates = [offsetMinutes(utc - day, zone), offsetMinutes(utc + day, zone)];
  const fits = candidates.find((offset) => offsetMinutes(utc - offset * 60_000, zone) === offset);
  const offset = fits ?? candidates[0] ?? 0;
  const at = new Date(utc - offset * 60_000);
  const w = wall(at, zone);
  return `${w.date}T${w.time}${w.offset}`;
}
