import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, type MouseEvent, type PointerEvent, useCallback, useDeferredValue, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { GridRun } from "@/api/types";
import { useLocale, useT } from "@/catalogue/use";
import { useNow } from "@/time/clock";
import { useZones } from "@/time/viewer";
import { Card } from "./Card";
import styles from "./Grid.module.css";
import { Heads, Scale } from "./Heads";
import { Line } from "./Line";
import { type Row, scaleEnd, took } from "./model";
import { squareAddress, SquareLink } from "./SquareLink";
import { Tile } from "./Tile";
import { useSprites } from "./useSprites";
import { useView } from "./useView";
import { CELL, cellsOf, HEAD, moved, type Place, TILE } from "./window";
import type { Speech } from "./words";

interface Props {
  dagId: string;
  rows: readonly Row[];
  runs: readonly GridRun[];
  onFold: (group: string) => void;
  /** The view came near the oldest run. */
  onOldest: () => void;
  /** What has the focus now, for acts by keys: a square, or with no row the head of a run. */
  onFocus: (focused: Focused | null) => void;
}

export interface Focused {
  row: Row | null;
  run: GridRun;
}

const NOTHING = { from: 0, to: 0 };
const NAMES = 248;
const NAMES_NARROW = 132;

const placeOf = (element: Element | null): Place | null => {
  const cell = element?.closest<HTMLElement>("[data-row]");
  return cell ? { row: Number(cell.dataset.row), column: Number(cell.dataset.column) } : null;
};

/** Tasks by runs. Squares are painted on canvases; over them lies a grid of the visible part for the keyboard and for readers. */
export function Table({ dagId, rows, runs, onFold, onOldest, onFocus }: Props) {
  const t = useT();
  const locale = useLocale();
  const zones = useZones();
  const navigate = useNavigate();
  const scroller = useRef<HTMLDivElement>(null);
  const sprites = useSprites();
  const speech: Speech = useMemo(() => ({ t, locale, zone: zones.shown }), [t, locale, zones.shown]);
  const [narrow] = useState(() => innerWidth < 720);
  const names = narrow ? NAMES_NARROW : NAMES;
  const view = useView(scroller, { names, head: HEAD, rows: rows.length, columns: runs.length });
  const [active, setActive] = useState<Place>({ row: 0, column: runs.length - 1 });
  const [hot, setHot] = useState<Place | null>(null);
  const [focused, setFocused] = useState(false);
  const wantsFocus = useRef(false);
  const place: Place = { row: Math.min(active.row, rows.length - 1), column: Math.min(active.column, runs.length - 1) };
  useKeptPlace(scroller, runs, setActive);

  // What readers have may come a moment later than what is painted.
  const near = useDeferredValue(view.near);
  const rowRange = cellsOf(view.rows, rows.length);
  const columnRange = useMemo(() => cellsOf(near.columns, runs.length), [near.columns, runs.length]);
  const nearRows = cellsOf(near.rows, rows.length);
  const headRange = cellsOf(view.columns, runs.length);

  useLayoutEffect(() => {
    if (!wantsFocus.current) return;
    const cell = scroller.current?.querySelector<HTMLElement>(`[data-row="${place.row}"][data-column="${place.column}"]`);
    if (!cell) return;
    wantsFocus.current = false;
    cell.focus({ preventScroll: true });
  });

  const reveal = ({ row, column }: Place) => {
    const element = scroller.current;
    if (!element) return;
    const { scrollTop: top, scrollLeft: left } = element;
    if (row >= 0) element.scrollTop = Math.min(row * CELL, Math.max(top, (row + 1) * CELL - view.height));
    if (column >= 0) element.scrollLeft = Math.min(column * CELL, Math.max(left, (column + 1) * CELL - view.width));
    view.measure();
  };

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const to = moved(place, event.key, event.ctrlKey || event.metaKey, rows.length, runs.length, Math.max(1, Math.floor(view.height / CELL) - 1));
    const row = rows[place.row];
    if (to) {
      event.preventDefault();
      setActive(to);
      setHot(null);
      setFocused(true);
      wantsFocus.current = true;
      reveal(to);
    } else if (event.key === "Escape") {
      setFocused(false);
      setHot(null);
    } else if (event.key === " " || event.key === "Enter") {
      if (event.target instanceof HTMLAnchorElement) return;
      event.preventDefault();
      if (row?.kind === "group" && (event.key === " " || place.column === -1)) onFold(row.id);
      else open(place);
    }
  };

  const open = ({ row, column }: Place) => {
    const run = runs[column];
    if (!run) return;
    const line = rows[row];
    if (line?.kind === "group") onFold(line.id);
    else void navigate(squareAddress(dagId, run, line ?? null));
  };

  // By the pointer's place and not by the element: what readers have is not always there yet.
  const under = (event: PointerEvent | MouseEvent): Place | null => {
    const element = scroller.current;
    if (!element) return null;
    const box = element.getBoundingClientRect();
    const x = event.clientX - box.left;
    const y = event.clientY - box.top;
    if (x < 0 || y < 0 || x > element.clientWidth || y > element.clientHeight) return null;
    const column = x < names ? -1 : Math.floor((x - names + element.scrollLeft) / CELL);
    const row = y < HEAD ? -1 : Math.floor((y - HEAD + element.scrollTop) / CELL);
    return row < rows.length && column < runs.length ? { row, column } : null;
  };

  const link = useCallback((row: Row, run: GridRun) => <SquareLink dagId={dagId} row={row} run={run} />, [dagId]);
  const headLink = useCallback((run: GridRun) => <SquareLink dagId={dagId} row={null} run={run} />, [dagId]);

  const now = useNow(10);
  const longest = useMemo(() => scaleEnd(Math.max(...runs.map((run) => took(run, now)), 0.5)), [runs, now]);
  const corner = useMemo(() => <Scale seconds={longest} locale={locale} zone={zones.shown} />, [longest, locale, zones.shown]);
  const shown = hot ?? (focused ? place : null);
  const lines: number[] = [];
  for (let index = rowRange.from; index < rowRange.to; index += 1) lines.push(index);
  if (place.row >= 0 && (place.row < rowRange.from || place.row >= rowRange.to)) lines.push(place.row);

  return (
    <div className={styles.frame}>
      <div
        ref={scroller}
        className={styles.scroller}
        onScroll={(event) => {
          setHot(null);
          if (event.currentTarget.scrollLeft < 8 * CELL) onOldest();
        }}
      >
        {/* oxlint-disable-next-line jsx-a11y/interactive-supports-focus -- its cells have the focus, one at a time */}
        <div
          role="grid"
          aria-label={t("grid.label", { dag: dagId })}
          aria-rowcount={rows.length + 1}
          aria-colcount={runs.length + 1}
          aria-readonly="true"
          className={styles.grid}
          style={{ width: names + runs.length * CELL, height: HEAD + rows.length * CELL }}
          onKeyDown={onKeyDown}
          onClick={(event) => {
            // The link under the pointer has done it.
            if (event.defaultPrevented || event.target instanceof HTMLAnchorElement) return;
            const at = under(event) ?? placeOf(event.target as Element);
            if (!at) return;
            setActive(at);
            const row = rows[at.row];
            if (at.column === -1 && row?.kind === "group") onFold(row.id);
            else open(at);
          }}
          onPointerMove={(event) => {
            if (event.pointerType === "touch") return;
            const at = under(event);
            setHot((old) => (old && at && old.row === at.row && old.column === at.column ? old : at));
          }}
          onPointerLeave={() => setHot(null)}
          onFocus={(event) => {
            const at = placeOf(event.target);
            if (at) setActive(at);
            const run = at && runs[at.column];
            onFocus(run ? { row: rows[at.row] ?? null, run } : null);
            if (at && event.target.matches(":focus-visible")) setFocused(true);
          }}
          onBlur={() => {
            setFocused(false);
            onFocus(null);
          }}
        >
          <Heads
            runs={runs}
            columns={headRange}
            names={names}
            scale={longest}
            active={place.row === -1 ? place.column : null}
            hot={hot?.row === -1 ? hot.column : null}
            link={headLink}
            speech={speech}
            corner={corner}
          />
          <div className={styles.tiles} aria-hidden="true">
            {shown && shown.row >= 0 && <div className={styles.hotRow} style={{ top: HEAD + shown.row * CELL }} />}
            {shown && shown.column >= 0 && <div className={styles.hotColumn} style={{ insetInlineStart: names + shown.column * CELL }} />}
            {tilesOf(view.rows, view.columns).map(([tileRow, tileColumn]) => (
              <Tile
                key={`${tileRow} ${tileColumn}`}
                rows={rows.slice(tileRow * TILE, (tileRow + 1) * TILE)}
                runs={runs.slice(tileColumn * TILE, (tileColumn + 1) * TILE)}
                sprites={sprites}
                left={names + tileColumn * TILE * CELL}
                top={HEAD + tileRow * TILE * CELL}
              />
            ))}
          </div>
          {lines.map((index) => {
            const row = rows[index];
            if (!row) return null;
            return (
              <Line
                key={row.id}
                row={row}
                index={index}
                runs={runs}
                columns={index >= nearRows.from && index < nearRows.to ? columnRange : NOTHING}
                names={names}
                top={HEAD + index * CELL}
                active={place.row === index ? place.column : null}
                hot={hot?.row === index ? hot.column : null}
                link={link}
                speech={speech}
              />
            );
          })}
        </div>
      </div>
      {shown && runs[shown.column] && (
        <Card
          row={rows[shown.row] ?? null}
          run={runs[shown.column] as GridRun}
          place={shown}
          names={names}
          scroller={scroller}
          quick={hot === null}
        />
      )}
    </div>
  );
}

function tilesOf(rows: { from: number; to: number }, columns: { from: number; to: number }): [number, number][] {
  const tiles: [number, number][] = [];
  for (let row = rows.from; row < rows.to; row += 1) for (let column = columns.from; column < columns.to; column += 1) tiles.push([row, column]);
  return tiles;
}

/** Starts at the newest run; keeps what a person looks at in place when older runs come in before it, and follows new ones at the end. */
function useKeptPlace(scroller: { current: HTMLDivElement | null }, runs: readonly GridRun[], setActive: (change: (place: Place) => Place) => void): void {
  const before = useRef<readonly GridRun[]>([]);
  useLayoutEffect(() => {
    const element = scroller.current;
    const old = before.current;
    before.current = runs;
    if (!element || old === runs) return;
    const first = old[0];
    const shift = first ? runs.findIndex((run) => run.run_id === first.run_id) : -1;
    if (shift < 0) {
      element.scrollTo({ left: element.scrollWidth });
      setActive((place) => ({ ...place, column: runs.length - 1 }));
      return;
    }
    if (shift > 0) {
      element.scrollBy({ left: shift * CELL });
      setActive((place) => (place.column < 0 ? place : { ...place, column: place.column + shift }));
    }
    const added = runs.length - shift - old.length;
    const atEnd = element.scrollLeft + element.clientWidth >= element.scrollWidth - (added + 1) * CELL;
    if (added > 0 && atEnd) element.scrollTo({ left: element.scrollWidth });
  }, [runs, scroller, setActive]);
}
