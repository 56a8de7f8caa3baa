import { columnVisibilityFeature, rowSortingFeature, type SortingState, tableFeatures, useTable } from "@tanstack/react-table";
import { Fragment, type ReactNode, useRef } from "react";
import { useT } from "@/catalogue/use";
import { useShortcuts } from "@/keys/use";
import { changeSettings, useSettings } from "@/settings/store";
import { IconButton } from "./Button";
import { Icon } from "./Icon";
import { Menu, MenuCheck, MenuText } from "./Menu";
import styles from "./table.module.css";

/** A column of a list. */
export interface Column<T> {
  id: string;
  head: string;
  /** What stands in a row: called while the table is drawn, not a component of its own. */
  cell: (row: T) => ReactNode;
  /** What the server sorts by; without it the column cannot be sorted. */
  sort?: string;
  /** The first press on its head shows the largest first. */
  descFirst?: boolean;
  number?: boolean;
  className?: string | undefined;
  /** Cannot be hidden. */
  fixed?: boolean;
  /** Buttons: its head is read only. */
  acts?: boolean;
}

interface Props<T> {
  /** What the list is called. */
  label: string;
  /** Under which its hidden columns are remembered; without it none can be hidden. */
  name?: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  idOf: (row: T) => string;
  /** `name`, or `-name` for the other way. */
  order?: string | undefined;
  onOrder?: (order: string) => void;
  /** What is unfolded under a row. */
  below?: (row: T) => ReactNode;
  className?: string;
}

const features = tableFeatures({ rowSortingFeature, columnVisibilityFeature });
const FOCUS = "a[href], button, [tabindex='0']";

/** A list as a table: heads that sort it, columns to choose from, rows to walk through by keys. */
export function DataTable<T extends object>({ label, name, columns, rows, idOf, order = "", onOrder, below, className = "" }: Props<T>) {
  const t = useT();
  const body = useRef<HTMLTableSectionElement>(null);
  const [hidden, hide] = useHidden(name);
  const own = new Map(columns.map((column) => [column.id, column]));
  const table = useTable({
    features,
    data: rows,
    getRowId: idOf,
    columns: columns.map(({ id, head, sort, descFirst = false, fixed = false, acts = false }) => ({
      id,
      header: head,
      accessorFn: idOf,
      enableSorting: sort !== undefined && onOrder !== undefined,
      sortDescFirst: descFirst,
      enableHiding: name !== undefined && !fixed && !acts,
    })),
    manualSorting: true,
    enableSortingRemoval: false,
    enableMultiSort: false,
    state: { sorting: sortingOf(columns, order), columnVisibility: Object.fromEntries(hidden.map((id) => [id, false])) },
    onSortingChange: (change) => {
      const [sorted] = typeof change === "function" ? change(sortingOf(columns, order)) : change;
      const by = sorted && own.get(sorted.id)?.sort;
      if (by) onOrder?.(sorted.desc ? `-${by}` : by);
    },
  });
  useRowKeys(body);
  const choices = table.getAllLeafColumns().filter((column) => column.getCanHide());
  const chooser = choices.length > 1 && (
    <Menu label={t("table.columns")} trigger={<IconButton icon="columns" label={t("table.columns")} className={styles.chooser ?? ""} />}>
      <MenuText>{t("table.columns")}</MenuText>
      {choices.map((column) => (
        <MenuCheck key={column.id} checked={column.getIsVisible()} onChange={(on) => hide(column.id, !on)}>
          {own.get(column.id)?.head}
        </MenuCheck>
      ))}
    </Menu>
  );
  const shown = table.getVisibleLeafColumns();
  return (
    <table className={`${styles.table} ${className}`} aria-label={label}>
      <thead>
        <tr>
          {table.getHeaderGroups()[0]?.headers.map((header, at) => {
            const column = own.get(header.column.id);
            const last = at === shown.length - 1;
            return (
              column && (
                <Head
                  key={header.id}
                  column={column}
                  sorted={header.column.getIsSorted()}
                  sort={header.column.getCanSort() ? () => header.column.toggleSorting() : null}
                >
                  {last && chooser}
                </Head>
              )
            );
          })}
        </tr>
      </thead>
      <tbody ref={body}>
        {table.getRowModel().rows.map((row) => {
          const under = below?.(row.original);
          return (
            <Fragment key={row.id}>
              <tr data-row="">
                {row.getVisibleCells().map((cell) => (
                  <td key={cell.id} className={classOf(own.get(cell.column.id))}>
                    {own.get(cell.column.id)?.cell(row.original)}
                  </td>
                ))}
              </tr>
              {under && (
                <tr className={styles.below}>
                  <td colSpan={shown.length}>{under}</td>
                </tr>
              )}
            </Fragment>
          );
        })}
      </tbody>
    </table>
  );
}

function Head<T>({ column, sorted, sort, children }: { column: Column<T>; sorted: false | "asc" | "desc"; sort: (() => void) | null; children: ReactNode }) {
  const direction = sorted === "asc" ? "ascending" : sorted === "desc" ? "descending" : undefined;
  const words = column.acts ? <span className="visually-hidden">{column.head}</span> : column.head;
  return (
    <th scope="col" aria-sort={direction} className={classOf({ ...column, className: undefined })}>
      <div className={styles.headCell}>
        {sort ? (
          <button type="button" className={styles.sort} onClick={sort}>
            {words}
            <span className={`${styles.arrow} ${sorted ? "" : styles.unsorted} ${sorted === "asc" ? styles.turnedUp : ""}`}>
              <Icon name="down" />
            </span>
          </button>
        ) : (
          <span>{words}</span>
        )}
        {children}
      </div>
    </th>
  );
}

function classOf<T>(column: Column<T> | undefined): string | undefined {
  if (!column) return undefined;
  return [column.number && styles.number, column.acts && styles.acts, column.className].filter(Boolean).join(" ") || undefined;
}

function sortingOf<T>(columns: readonly Column<T>[], order: string): SortingState {
  const desc = order.startsWith("-");
  const by = desc ? order.slice(1) : order;
  const column = by === "" ? undefined : columns.find((one) => one.sort === by);
  return column ? [{ id: column.id, desc }] : [];
}

/** The hidden columns of a list, remembered on this machine. */
function useHidden(name: string | undefined): [readonly string[], (id: string, hidden: boolean) => void] {
  const { hiddenColumns } = useSettings();
  const hidden = (name && hiddenColumns[name]) || [];
  const hide = (id: string, off: boolean) => {
    if (name) changeSettings({ hiddenColumns: { ...hiddenColumns, [name]: [...hidden.filter((one) => one !== id), ...(off ? [id] : [])] } });
  };
  return [hidden, hide];
}

/** `j` and `k` go to the next row and the one before: to the first thing in it that takes the focus. */
function useRowKeys(body: React.RefObject<HTMLElement | null>): void {
  const move = (step: number) => {
    const rows = [...(body.current?.querySelectorAll<HTMLElement>("[data-row]") ?? [])].filter((row) => row.querySelector(FOCUS));
    const now = rows.findIndex((row) => row.contains(document.activeElement));
    const next = rows[Math.max(0, Math.min(rows.length - 1, now + step))];
    next?.querySelector<HTMLElement>(FOCUS)?.focus();
    next?.scrollIntoView({ block: "nearest" });
  };
  useShortcuts([
    { keys: "j", label: "table.keyNext", local: true, run: () => move(1) },
    { keys: "k", label: "table.keyPrevious", local: true, run: () => move(-1) },
  ]);
}
