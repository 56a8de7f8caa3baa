import type { Query } from "@/api/client";
import { type Folds, groupMark } from "./folds";
import type { SearchAnswer } from "./source";

type Ask = (query: Query, signal?: AbortSignal) => Promise<SearchAnswer>;

/** Marks beyond these are not looked for: a bar of some hundred pixels shows no more, and nobody folds more. */
const MOST_ERRORS = 20_000;
const MOST_GROUPS = 5_000;
const STEP = 1000;

/** Goes through all matches of a search, answer by answer. */
async function each(ask: Ask, query: Query, most: number, signal: AbortSignal, take: (matches: SearchAnswer["matches"]) => void): Promise<void> {
  let after = 0;
  for (let count = 0; count < most; ) {
    const answer = await ask({ ...query, after_line: after, limit: STEP }, signal);
    if (signal.aborted) return;
    take(answer.matches);
    count += answer.matches.length;
    if (answer.done || answer.next_after <= after) return;
    after = answer.next_after;
  }
}

/** The lines of errors, in order; told as they are found. */
export const findErrors = (ask: Ask, signal: AbortSignal, tell: (lines: number[]) => void): Promise<void> =>
  each(ask, { q: ".", regex: true, level: ["error", "critical", "fatal"] }, MOST_ERRORS, signal, (matches) => tell(matches.map(({ n }) => n)));

/** The groups of a log. */
export const findGroups = (ask: Ask, signal: AbortSignal, folds: Folds): Promise<void> =>
  each(ask, { q: "^::(group|endgroup)::", regex: true }, MOST_GROUPS, signal, (matches) => {
    for (const { n, text } of matches) {
      const mark = groupMark(text);
      if (mark) folds.add(n, mark.opens);
    }
  });

/** Where errors stand along a bar, from 0 to 1, without two that cannot be told apart; each with its first line. */
export function marksOf(errors: readonly number[], total: number, most: number): { at: number; n: number }[] {
  const marks: { at: number; n: number }[] = [];
  let last = -1;
  for (const n of errors) {
    const place = Math.min(most - 1, Math.floor(((n - 1) / Math.max(1, total)) * most));
    if (place === last) continue;
    last = place;
    marks.push({ at: (n - 1) / Math.max(1, total), n });
  }
  return marks;
}
