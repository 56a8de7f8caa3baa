import type { TaskTry } from "@/api/work";

export interface Spent {
  state: "scheduled" | "queued" | "running";
  seconds: number;
}

/** How long a try was scheduled, queued and running; what has not ended counts until `now` (milliseconds). */
export function spent({ scheduled_when, queued_when, start_date, end_date, try_number }: TaskTry, now: number): Spent[] {
  if (try_number === 0) return [];
  const at = (time: string | null) => (time === null ? null : Date.parse(time));
  const points: [Spent["state"], number | null][] = [
    ["scheduled", at(scheduled_when)],
    ["queued", at(queued_when)],
    ["running", at(start_date)],
  ];
  const found: Spent[] = [];
  for (const [index, [state, begin]] of points.entries()) {
    if (begin === null) continue;
    const next = points.slice(index + 1).find(([, time]) => time !== null)?.[1] ?? at(end_date) ?? now;
    // Times of an earlier try may stand beside those of this one.
    if (next >= begin) found.push({ state, seconds: (next - begin) / 1000 });
  }
  return found;
}
