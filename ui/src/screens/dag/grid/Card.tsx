import { type RefObject, useEffect, useState } from "react";
import type { GridRun } from "@/api/types";
import { useLocale, useT } from "@/catalogue/use";
import { RunTypeText } from "@/parts/RunType";
import { StateBadge } from "@/parts/State";
import { useNow } from "@/time/clock";
import { useZones } from "@/time/viewer";
import { duration, relative } from "@/time/words";
import { shown } from "@/time/zone";
import styles from "./Grid.module.css";
import { type Row, type Square, squareOf, took } from "./model";
import { CELL, HEAD, type Place } from "./window";
import { whenOf } from "./words";

interface Props {
  row: Row | null;
  run: GridRun;
  place: Place;
  names: number;
  scroller: RefObject<HTMLDivElement | null>;
  /** Without the pause that a passing pointer gets. */
  quick: boolean;
}

const PAUSE = 200;
const WIDTH = 320;

/** What a square or a run's head has to tell. The same is said to readers by the square itself. */
export function Card({ row, run, place, names, scroller, quick }: Props) {
  const [ready, setReady] = useState(quick);
  useEffect(() => {
    const timer = setTimeout(() => setReady(true), quick ? 0 : PAUSE);
    return () => clearTimeout(timer);
  }, [quick]);
  const element = scroller.current;
  if (!ready || !element) return null;
  const box = element.getBoundingClientRect();
  const x = box.left + names + (place.column + 1) * CELL - element.scrollLeft + 6;
  const y = box.top + (place.row < 0 ? HEAD : HEAD + (place.row + 1) * CELL - element.scrollTop) + 4;
  // Never out of the window: to the left of the square, or above it.
  const left = x + WIDTH > innerWidth ? Math.max(8, x - WIDTH - CELL - 12) : x;
  const up = y > innerHeight - 220;
  return (
    <div
      className={styles.card}
      aria-hidden="true"
      style={{ left, width: WIDTH, ...(up ? { bottom: innerHeight - y + CELL + 8 } : { top: y }) }}
    >
      <CardBody row={row} run={run} square={row ? squareOf(row, run) : null} />
    </div>
  );
}

function CardBody({ row, run, square }: { row: Row | null; run: GridRun; square: Square | null }) {
  const t = useT();
  const locale = useLocale();
  const { shown: zone } = useZones();
  const now = useNow();
  const time = (value: string | null) => value && shown(new Date(value), zone, "second");
  const lines: [string, string | null][] = row
    ? [
        [t("grid.start"), time(square?.start ?? null)],
        [t("grid.end"), time(square?.end ?? null)],
        [t("grid.duration"), square?.start ? duration(took({ start_date: square.start, end_date: square.end }, now), locale) : null],
        [t("grid.tries"), square && square.counts.length === 0 && square.tryNumber > 0 ? String(square.tryNumber) : null],
        [t("grid.run"), shown(new Date(whenOf(run)), zone)],
        [t("note.title"), run.states[row.id]?.note ?? null],
      ]
    : [
        [t("grid.due"), time(run.run_after)],
        [t("grid.interval"), run.data_interval_start && run.data_interval_end && run.data_interval_start !== run.data_interval_end ? `${shown(new Date(run.data_interval_start), zone)} - ${shown(new Date(run.data_interval_end), zone)}` : null],
        [t("grid.start"), time(run.start_date)],
        [t("grid.end"), time(run.end_date)],
        [t("grid.duration"), run.start_date ? duration(took(run, now), locale) : null],
        [t("grid.by"), run.triggering_user_name],
        [t("grid.version"), run.version_number === null ? null : String(run.version_number)],
        [t("note.title"), run.note],
      ];
  return (
    <>
      <strong className={styles.cardTitle}>{row ? row.id : run.run_id}</strong>
      <div className="row">
        {row ? square ? <StateBadge state={square.state} /> : <span className="soft">{t("grid.absent")}</span> : <StateBadge state={run.state} />}
        {!row && <RunTypeText type={run.run_type} />}
        {!row && <span className="soft small">{relative(new Date(run.run_after), new Date(now), locale)}</span>}
      </div>
      {square && square.counts.length > 0 && (
        <div className={styles.counts}>
          {square.counts.map(([state, count]) => (
            <span key={state} className="row">
              <StateBadge state={state} /> {new Intl.NumberFormat(locale).format(count)}
            </span>
          ))}
        </div>
      )}
      <dl className={styles.facts}>
        {lines.map(
          ([label, value]) =>
            value && (
              <div key={label}>
                <dt>{label}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
      </dl>
    </>
  );
}
