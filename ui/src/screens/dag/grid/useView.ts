import { type RefObject, useCallback, useEffect, useLayoutEffect, useState } from "react";
import { type Range, sameRange, tilesIn } from "./window";

export interface View {
  rows: Range;
  columns: Range;
  width: number;
  height: number;
  /** Read where the view is now: after scrolling by code, before the browser tells. */
  measure: () => void;
}

interface Sizes {
  names: number;
  head: number;
  rows: number;
  columns: number;
}

/** Which tiles are in view of an element that scrolls. */
export function useView(scroller: RefObject<HTMLElement | null>, { names, head, rows, columns }: Sizes): View {
  const [view, setView] = useState({ rows: { from: 0, to: 0 }, columns: { from: 0, to: 0 }, width: 0, height: 0 });
  const measure = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    const width = Math.max(0, element.clientWidth - names);
    const height = Math.max(0, element.clientHeight - head);
    const next = {
      rows: tilesIn(element.scrollTop, height, rows),
      columns: tilesIn(element.scrollLeft, width, columns),
      width,
      height,
    };
    setView((old) =>
      sameRange(old.rows, next.rows) && sameRange(old.columns, next.columns) && old.width === width && old.height === height ? old : next,
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
