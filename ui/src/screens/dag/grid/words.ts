import type { GridRun } from "@/api/types";
import type { Translate } from "@/catalogue/translate";
import { knownRunType } from "@/parts/RunType";
import { known } from "@/parts/states";
import { between, duration } from "@/time/words";
import { shown } from "@/time/zone";
import type { Row, Square } from "./model";

/** What the words of the grid depend on. */
export interface Speech {
  t: Translate;
  locale: string;
  zone: string;
}

/** The time a run is known by. */
export const whenOf = (run: Pick<GridRun, "logical_date" | "run_after">): string => run.logical_date ?? run.run_after;

const names = new WeakMap<GridRun, { zone: string; name: string }>();

/** The time a run is known by, in words; kept, because each of its squares says it. */
export function runName(run: GridRun, { zone }: Speech): string {
  const kept = names.get(run);
  if (kept?.zone === zone) return kept.name;
  const name = shown(new Date(whenOf(run)), zone);
  names.set(run, { zone, name });
  return name;
}

/** `run of 2026-11-20 02:15 KST, scheduled, failed, 4m 2s`. */
export function runWords(run: GridRun, speech: Speech): string {
  const { t, locale } = speech;
  const seconds = between(run.start_date, run.end_date);
  return [
    t("grid.runOf", { when: runName(run, speech) }),
    t(`runType.${knownRunType(run.run_type)}`),
    t(`state.${known(run.state)}`),
    seconds === null ? "" : duration(seconds, locale),
  ]
    .filter(Boolean)
    .join(", ");
}

export const countsWords = (square: Square, t: Translate): string =>
  square.counts.map(([state, count]) => t("grid.stateCount", { state: t(`state.${state}`), count })).join(", ");

/** `task load, run of ..., failed, try 2`. */
export function squareWords(row: Row, run: GridRun, square: Square | null, speech: Speech): string {
  const { t } = speech;
  const parts = [
    t(row.kind === "group" ? "grid.groupNamed" : "grid.taskNamed", { name: row.id }),
    t("grid.runOf", { when: runName(run, speech) }),
  ];
  if (!square) parts.push(t("grid.absent"));
  else {
    parts.push(t(`state.${square.state}`));
    if (square.counts.length > 0) parts.push(countsWords(square, t));
    else if (square.tryNumber > 1) parts.push(t("grid.try", { number: square.tryNumber }));
    if (square.note) parts.push(t("grid.hasNote"));
  }
  return parts.join(", ");
}
