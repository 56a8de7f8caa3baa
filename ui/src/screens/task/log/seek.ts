import type { Query } from "@/api/client";
import type { SearchAnswer } from "./source";

type Ask = (query: Query) => Promise<SearchAnswer>;

/** The first line with a match after line `from`; the server looks for a time only, so a long file takes more than one answer. */
export async function nextMatch(ask: Ask, from: number): Promise<number | null> {
  let after = from;
  for (;;) {
    const answer = await ask({ after_line: after, limit: 1 });
    const [first] = answer.matches;
    if (first) return first.n;
    if (answer.done || answer.next_after <= after) return null;
    after = answer.next_after;
  }
}

const STEP = 5000;
const GROWTH = 8;
const LIMIT = 1000;

/** The last line with a match before line `from`: the server looks forward, so pieces of the file are looked at, the nearest first. */
export async function previousMatch(ask: Ask, from: number): Promise<number | null> {
  let end = from;
  let step = STEP;
  while (end > 1) {
    const start = Math.max(0, end - 1 - step);
    const last = await lastWithin(ask, start, end);
    if (last !== null) return last;
    end = start + 1;
    step *= GROWTH;
  }
  return null;
}

/** The last match after line `start` and before line `end`. */
async function lastWithin(ask: Ask, start: number, end: number): Promise<number | null> {
  let after = start;
  let last: number | null = null;
  while (after < end - 1) {
    const answer = await ask({ after_line: after, limit: LIMIT });
    last = answer.matches.findLast((match) => match.n < end)?.n ?? last;
    if (answer.done || answer.next_after <= after || answer.matches.some((match) => match.n >= end)) break;
    after = answer.next_after;
  }
  return last;
}
