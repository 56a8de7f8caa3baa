import { memo, type ReactNode } from "react";
import type { GridRun } from "@/api/types";
import { knownRunType, RunTypeIcon } from "@/parts/RunType";
import { StateIcon } from "@/parts/State";
import { known } from "@/parts/states";
import { useNow } from "@/time/clock";
import { duration } from "@/time/words";
import { wall } from "@/time/zone";
import styles from "./Grid.module.css";
import { took } from "./model";
import { CELL, type Range } from "./window";
import { runWords, type Speech, whenOf } from "./words";

/** The tallest bar in pixels; a run that took no time at all is still seen. */
const TALLEST = 48;
const SMALLEST = 3;
/** Every so many columns the day is written above. */
const DAYS_APART = 4;

interface Props {
  runs: readonly GridRun[];
  columns: Range;
  names: number;
  /** Seconds at the upper end of the bars. */
  scale: number;
  active: number | null;
  hot: number | null;
  link: (run: GridRun) => ReactNode;
  speech: Speech;
  corner: ReactNode;
}

/** The heads of the columns: when, how long as a bar, state and type of each run. */
export const Heads = memo(function Heads({ runs, columns, names, scale, active, hot, link, speech, corner }: Props) {
  const now = useNow(2);
  const shown: number[] = [];
  for (let column = columns.from; column < columns.to; column += 1) shown.push(column);
  if (active !== null && active >= 0 && (active < columns.from || active >= columns.to)) shown.push(active);
  return (
    <div role="row" aria-rowindex={1} className={styles.heads}>
      <div
        role="columnheader"
        translate="no"
        aria-colindex={1}
        className={styles.corner}
        style={{ width: names }}
        tabIndex={active === -1 ? 0 : -1}
        data-row={-1}
        data-column={-1}
      >
        {corner}
      </div>
      {shown.map((column) => {
        const run = runs[column];
        if (!run) return null;
        const seconds = took(run, now);
        const height = run.start_date ? SMALLEST + (Math.min(1, seconds / scale) * (TALLEST - SMALLEST)) : 0;
        const state = known(run.state);
        const type = knownRunType(run.run_type);
        const label = (runs.length - 1 - column) % DAYS_APART === 0 ? dayOf(run, runs[column - DAYS_APART], speech) : null;
        const before = runs[column - 1];
        const changed = before !== undefined && before.version_number !== run.version_number && run.version_number !== null;
        return (
          <div
            key={run.run_id}
            role="columnheader"
            aria-colindex={column + 2}
            tabIndex={column === active ? 0 : -1}
            data-row={-1}
            data-column={column}
            className={`${styles.head} ${changed ? styles.changed : ""}`}
            style={{ insetInlineStart: names + column * CELL }}
          >
            <span className="visually-hidden">{runWords(run, speech)}</span>
            {label && (
              <span className={styles.day} aria-hidden="true">
                {label}
              </span>
            )}
            <span className={`${styles.bar} ${styles[state] ?? ""}`} style={{ height }} />
            <span className={styles.signs} aria-hidden="true">
              <StateIcon state={state} />
              {type === "scheduled" ? <span className={styles.nothing} /> : <RunTypeIcon type={type} />}
            </span>
            {hot === column && link(run)}
          </div>
        );
      })}
    </div>
  );
});

/** The day of a run, or its hour where the label before shows the same day. */
function dayOf(run: GridRun, before: GridRun | undefined, { zone, locale }: Speech): string {
  const at = new Date(whenOf(run));
  const here = wall(at, zone);
  if (before && wall(new Date(whenOf(before)), zone).date === here.date) return here.time.slice(0, 5);
  return new Intl.DateTimeFormat(locale, { month: "short", day: "numeric", timeZone: zone }).format(at);
}

/** The scale beside the bars. */
export function Scale({ seconds, locale, zone }: { seconds: number; locale: string; zone: string }) {
  return (
    <div className={styles.scale}>
      <span className={styles.zone}>{zone}</span>
      <span className={styles.full}>{duration(seconds, locale)}</span>
      <span className={styles.half}>{duration(seconds / 2, locale)}</span>
    </div>
  );
}
