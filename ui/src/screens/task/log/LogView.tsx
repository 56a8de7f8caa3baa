import { type Ref, useEffect, useEffectEvent, useImperativeHandle, useLayoutEffect, useReducer, useRef, useState } from "react";
import { useT } from "@/catalogue/use";
import styles from "./Log.module.css";
import type { LogModel } from "./model";
import { type LogGroup, LogRow } from "./LogRow";
import { Placement, ROW } from "./placement";
import type { Prefs } from "./prefs";

/** Browsers cannot make an element much higher; beyond it the scroll bar is a matter of proportion. */
const HIGHEST = 8_000_000;
const REST = 150;
/** More lines at once than this are not read out. */
const FAST = 5;

export interface LogViewHandle {
  /** The number of the first line that is seen. */
  top: () => number;
}

/** The group that a line is the head of: how many lines it has, and whether they are shown. */
function groupOf(model: LogModel, n: number): LogGroup | null {
  if (model.least !== "all") return null;
  const group = model.folds.of(n);
  return group ? { lines: group.end - group.start - 1, closed: model.folds.isClosed(n) } : null;
}

interface Props {
  model: LogModel;
  /** Of the model; a new one means new rows. */
  version: number;
  prefs: Prefs;
  zone: string;
  search: RegExp | null;
  selected: number | null;
  expandAll: boolean;
  handle: Ref<LogViewHandle>;
  onSelect: (n: number) => void;
}

/**
 * Draws the rows that are seen, within an element as high as all of them would be. What is drawn stays where the view is; scrolling
 * moves the anchor (see `anchor.ts`), so rows may be of any height and of any number.
 */
export function LogView({ model, version, prefs, zone, search, selected, expandAll, handle, onSelect }: Props) {
  const t = useT();
  const outer = useRef<HTMLDivElement>(null);
  const layer = useRef<HTMLDivElement>(null);
  const resting = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const [place] = useState(() => new Placement());
  const [size, setSize] = useState({ width: 0, height: 600 });
  const [expanded, setExpanded] = useState<ReadonlySet<number>>(new Set());
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const view = size.height;
  const count = model.rows;
  const shape = `${size.width} ${prefs.wrap} ${prefs.times} ${prefs.source} ${expandAll} ${expanded.size} ${model.least} ${model.folds.version}`;
  const drawn = place.prepare(model, view, shape);

  const sync = () => {
    const element = outer.current;
    if (!element) return;
    const most = element.scrollHeight - element.clientHeight;
    const top = place.tell(most, view, count);
    if (Math.abs(element.scrollTop - top) > 1) element.scrollTop = top;
  };

  const afterDraw = useEffectEvent(() => {
    const rows = layer.current?.children;
    if (!rows || !layer.current) return;
    const changed = place.measure(
      drawn.first,
      Array.from(rows, (row) => row.getBoundingClientRect().height),
    );
    place.settle(model, view);
    const now = place.drawn(view, count);
    layer.current.style.transform = `translateY(${-now.lead}px)`;
    if (now.first !== drawn.first || now.stop > drawn.stop || (changed && now.lead !== drawn.lead)) redraw();
    if (resting.current === undefined) sync();
    model.want(drawn.first, drawn.stop);
  });
  useLayoutEffect(() => afterDraw(), [version, drawn.first, drawn.stop, drawn.lead, shape, view, prefs]);

  useLayoutEffect(() => {
    const element = outer.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setSize({ width: prefs.wrap ? element.clientWidth : 0, height: element.clientHeight }));
    observer.observe(element);
    return () => observer.disconnect();
  }, [prefs.wrap]);

  useEffect(() => () => clearTimeout(resting.current), []);
  useImperativeHandle(handle, () => ({ top: () => Math.max(1, model.numberOf(place.anchor.row)) }), [model, place]);

  const scrolled = () => {
    const element = outer.current;
    if (!element) return;
    const top = element.scrollTop;
    const by = top - place.told;
    if (by === 0) return;
    const most = element.scrollHeight - element.clientHeight;
    place.scroll(top, most, view, count);
    const atEnd = place.ratio(view, count) >= 1;
    if (by < 0) model.follow(false);
    else if (atEnd && model.open) model.follow(true);
    clearTimeout(resting.current);
    resting.current = undefined;
    // The bar came to its end before the rows did.
    if ((top <= 0 && !place.atStart) || (top >= most && !atEnd)) sync();
    else {
      resting.current = setTimeout(() => {
        resting.current = undefined;
        sync();
      }, REST);
    }
    redraw();
  };

  const total = Math.min(count * ROW, HIGHEST);
  return (
    <div
      ref={outer}
      className={`${styles.scroll} ${prefs.wrap ? styles.wrap : ""}`}
      role="log"
      translate="no"
      aria-label={t("log.title")}
      aria-live={model.following && model.burst <= FAST ? "polite" : "off"}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it is scrolled by the keyboard
      tabIndex={0}
      onScroll={scrolled}
    >
      <div className={styles.height} style={{ height: `max(100%, ${total}px)` }}>
        <div className={styles.pane} style={{ height: `${view}px` }}>
          <div ref={layer} className={styles.layer}>
            {Array.from({ length: drawn.stop - drawn.first }, (_, at) => {
              const row = drawn.first + at;
              const n = model.numberOf(row);
              return (
                <LogRow
                  key={row}
                  n={n}
                  line={model.at(row)}
                  zone={zone}
                  times={prefs.times}
                  source={prefs.source}
                  expanded={expandAll || expanded.has(n)}
                  selected={selected === n}
                  current={model.found.kind === "at" && model.found.n === n}
                  search={search}
                  onSelect={onSelect}
                  group={groupOf(model, n)}
                  onFold={(n, closed) => model.fold(n, closed)}
                  onExpand={(n) => setExpanded((before) => new Set(before).add(n))}
                />
              );
            })}
          </div>
        </div>
      </div>
    </div>
  );
}
