import { type RefObject, useCallback, useEffect, useLayoutEffect, useState } from "react";
import { type Range, sameRange, tilesIn } from "./window";

export interface View {
  /** What is in view and some around it, to be painted. */
  rows: Range;
  columns: Range;
  /** What is in view, for readers. */
  near: { rows: Range; columns: Range };
  width: number;
  height: number;
  /** Read where the view is now: after scrolling by code, before the browser tells. */
  measure: () => void;
}

const none: Range = { from: 0, to: 0 };

interface Sizes {
  names: number;
  head: number;
  rows: number;
  columns: number;
}

/** Which tiles are in view of an element that scrolls. */
export function useView(scroller: RefObject<HTMLElement | null>, { names, head, rows, columns }: Sizes): View {
  const [view, setView] = useState<Omit<View, "measure">>({ rows: none, columns: none, near: { rows: none, columns: none }, width: 0, height: 0 });
  const measure = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    const width = Math.max(0, element.clientWidth - names);
    const height = Math.max(0, element.clientHeight - head);
    const next = {
      rows: tilesIn(element.scrollTop, height, rows),
      columns: tilesIn(element.scrollLeft, width, columns),
      near: { rows: tilesIn(element.scrollTop, height, rows, 0), columns: tilesIn(element.scrollLeft, width, columns, 0) },
      width,
      height,
    };
    setView((old) =>
      sameRange(old.near.rows, next.near.rows) && sameRange(old.near.columns, next.near.columns) && old.width === width && old.height === height
        ? old
        : next,
    );
  }, [scroller, names, head, rows, columns]);
  useLayoutEffect(measure, [measure]);
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener("scroll", measure, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", measure);
    };
  }, [scroller, measure]);
  return { ...view, measure };
}
