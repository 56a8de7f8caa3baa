import { wall } from "./zone";

const minutes = (offset: string): number => {
  const [, sign, hours, rest] = /^([+-])(\d\d):(\d\d)/.exec(offset) ?? [];
  return sign ? (Number(hours) * 60 + Number(rest)) * (sign === "-" ? -1 : 1) : 0;
};

/**
 * The instant at which clocks in a zone show `2024-03-10` `02:30`. A time that a change of the clocks leaves out is the one as long
 * after midnight; of one that comes twice it is the first.
 */
export function instant(date: string, time: string, zone: string): Date | null {
  const utc = Date.parse(`${date}T${time.length === 5 ? `${time}:00` : time}Z`);
  if (Number.isNaN(utc)) return null;
  const before = minutes(wall(new Date(utc - 86_400_000), zone).offset);
  const found = [before, minutes(wall(new Date(utc + 86_400_000), zone).offset)]
    .map((offset) => new Date(utc - offset * 60_000))
    .filter((at) => minutes(wall(at, zone).offset) * 60_000 === utc - at.getTime())
    .sort((a, b) => a.getTime() - b.getTime());
  return found[0] ?? new Date(utc - before * 60_000);
}

/** The day that it is in a zone, `2024-03-10`. */
export const dayIn = (at: Date, zone: string): string => wall(at, zone).date;
