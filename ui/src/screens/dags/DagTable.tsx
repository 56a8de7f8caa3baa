import { useQueries } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Query } from "@/api/client";
import { DAG_PAGE, dagsQuery } from "@/api/queries";
import type { DagList, DagRow as Row } from "@/api/types";
import { useT } from "@/catalogue/use";
import { useShortcuts } from "@/keys/use";
import { Icon } from "@/parts/Icon";
import { dagAddress } from "@/parts/links";
import { addPatch } from "@/live/rules";
import { DagRow } from "./DagRow";
import styles from "./Dags.module.css";
import { type DagFilters, dagOrders } from "./filters";
import { patchList } from "./patch";
import type { Selection } from "./selection";

interface Props {
  query: Query;
  total: number;
  order: DagFilters["order_by"];
  sort: (order: DagFilters["order_by"]) => void;
  /** The rows are those of the filters before. */
  dimmed: boolean;
  selection: Selection;
}

const ROW = 62;
const HEADS = [
  ["name", "dag_display_name"],
  ["schedule", null],
  ["lastRuns", "last_run_start_date"],
  ["runs", null],
  ["nextRun", "next_run_after"],
] as const;

/** The whole list, of which only what is seen is asked for and drawn. */
export function DagTable({ query, total, order = "dag_display_name", sort, dimmed, selection }: Props) {
  const t = useT();
  const list = useRef<HTMLDivElement>(null);
  const [margin, setMargin] = useState(0);
  useLayoutEffect(() => {
    const measure = () => setMargin((list.current?.getBoundingClientRect().top ?? 0) + scrollY);
    measure();
    addEventListener("resize", measure);
    return () => removeEventListener("resize", measure);
  }, []);
  useLiveRows();
  const virtual = useWindowVirtualizer({ count: total, estimateSize: () => ROW, overscan: 8, scrollMargin: margin });
  const items = virtual.getVirtualItems();
  const pages = [...new Set(items.map((item) => Math.floor(item.index / DAG_PAGE)))];
  const rows = useRows(query, pages);
  const last = useRef<number | null>(null);
  const select = (index: number, on: boolean, through: boolean) => {
    const row = rows.get(index);
    const from = last.current;
    last.current = index;
    if (!row) return;
    if (through && on && from !== null) {
      const [low, high] = [Math.min(from, index), Math.max(from, index)];
      selection.range([...rows].filter(([at]) => at >= low && at <= high).map(([, one]) => one));
    } else selection.toggle(row, on);
  };
  const selected = (index: number) => selection.chosen.has(rows.get(index)?.dag_id ?? "");
  const chosen = selection.chosen.size;
  useRowKeys(total, rows, (index) => select(index, !selected(index), false), (index) => virtual.scrollToIndex(index, { align: "auto" }), list);
  return (
    <div className={styles.frame} data-dimmed={dimmed || undefined}>
      <div role="table" aria-label={t("dags.list")} aria-rowcount={total + 1} aria-busy={dimmed || undefined}>
        <div role="rowgroup">
          <div role="row" aria-rowindex={1} className={`${styles.row} ${styles.head}`}>
            <div role="columnheader" className={styles.check}>
              <input
                type="checkbox"
                aria-label={t("dags.selectAll")}
                checked={chosen > 0 && chosen >= total}
                ref={(box) => {
                  if (box) box.indeterminate = chosen > 0 && chosen < total;
                }}
                onChange={(event) => (event.target.checked ? void selection.all() : selection.clear())}
              />
            </div>
            {HEADS.map(([head, by]) => {
              const sorted = by === null || order.replace("-", "") !== by ? undefined : order.startsWith("-") ? "descending" : "ascending";
              return (
                <div key={head} role="columnheader" className={styles[head]} aria-sort={sorted}>
                  {by === null ? (
                    t(`dags.${head}`)
                  ) : (
                    <button type="button" className={styles.sorted} onClick={() => sort(nextOrder(by, order))}>
                      {t(`dags.${head}`)}
                      {sorted && <Icon name={sorted === "ascending" ? "up" : "down"} />}
                    </button>
                  )}
                </div>
              );
            })}
            <div role="columnheader" className={styles.actions}>
              <span className="visually-hidden">{t("dags.actions")}</span>
            </div>
          </div>
        </div>
        <div role="rowgroup" ref={list} className={styles.body} style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => (
            <div
              key={rows.get(item.index)?.dag_id ?? item.key}
              ref={virtual.measureElement}
              data-index={item.index}
              role="row"
              aria-rowindex={item.index + 2}
              data-selected={selected(item.index) || undefined}
              className={`${styles.row} ${styles.dag}`}
              style={{ transform: `translateY(${item.start - margin}px)` }}
            >
              <DagRow row={rows.get(item.index)} selected={selected(item.index)} onSelect={(on, through) => select(item.index, on, through)} />
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}

/** States of runs are shown as they come; the lists are asked for again only for what is new in them. */
function useLiveRows(): void {
  useEffect(
    () =>
      addPatch((events, client) => {
        client.setQueriesData<DagList>({ queryKey: ["dags"], type: "active" }, (list) =>
          list && Array.isArray(list.dags) ? patchList(list, events) : list,
        );
      }),
    [],
  );
}

/** A second press on a head turns the order around; runs begin with the newest. */
function nextOrder(by: "dag_display_name" | "last_run_start_date" | "next_run_after", now: string): DagFilters["order_by"] {
  const first = by === "last_run_start_date" ? `-${by}` : by;
  const wanted = now === first ? (first.startsWith("-") ? by : `-${by}`) : first;
  return dagOrders.find((one) => one === wanted);
}

/** The rows of some pages by their place in the list. A page on its way shows what it had. */
function useRows(query: Query, pages: readonly number[]): Map<number, Row> {
  return useQueries({
    queries: pages.map((page) => ({ ...dagsQuery(query, page), placeholderData: (before: { dags: Row[] } | undefined) => before as never })),
    combine: (results) =>
      new Map(results.flatMap(({ data }, at) => (data?.dags ?? []).map((row, index): [number, Row] => [(pages[at] ?? 0) * DAG_PAGE + index, row]))),
  });
}

/** `j` and `k` move between DAGs, Enter opens the one with the focus (it is a link). */
function useRowKeys(total: number, rows: Map<number, Row>, select: (index: number) => void, show: (index: number) => void, list: RefObject<HTMLDivElement | null>): void {
  const navigate = useNavigate();
  const [wanted, setWanted] = useState<number | null>(null);
  const current = (): number => {
    const row = document.activeElement?.closest<HTMLElement>("[data-index]");
    return row && list.current?.contains(row) ? Number(row.dataset.index) : -1;
  };
  const move = (step: number) => {
    const to = Math.max(0, Math.min(total - 1, current() + step));
    show(to);
    setWanted(to);
  };
  useShortcuts([
    { keys: "j", label: "dags.keyNext", local: true, run: () => move(1) },
    { keys: "k", label: "dags.keyPrevious", local: true, run: () => move(-1) },
    { keys: "x", label: "dags.keySelect", local: true, run: () => current() >= 0 && select(current()) },
    {
      keys: "o",
      label: "dags.keyOpen",
      local: true,
      run: () => {
        const row = rows.get(current());
        if (row) void navigate(dagAddress(row.dag_id));
      },
    },
  ]);
  // The row may be drawn only now that it was scrolled to.
  useEffect(() => {
    if (wanted === null) return;
    const link = list.current?.querySelector<HTMLElement>(`[data-index="${wanted}"] a`);
    if (!link) return;
    link.focus({ preventScroll: true });
    setWanted(null);
  }, [wanted, rows, list]);
}
