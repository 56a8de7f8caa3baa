import { memo, type ReactNode } from "react";
import type { GridRun } from "@/api/types";
import { useT } from "@/catalogue/use";
import { Icon } from "@/parts/Icon";
import styles from "./Grid.module.css";
import { type Row, squareOf } from "./model";
import { CELL, type Range } from "./window";
import { type Speech, squareWords } from "./words";

interface Props {
  row: Row;
  index: number;
  runs: readonly GridRun[];
  columns: Range;
  names: number;
  top: number;
  /** The column in this row that has the focus or would get it; -1 is the name. */
  active: number | null;
  /** The square under the pointer, and the link that lies there. */
  hot: number | null;
  link: (row: Row, run: GridRun) => ReactNode;
  speech: Speech;
}

/** A row as readers and the keyboard have it: its name, and the squares that are in view. */
export const Line = memo(function Line({ row, index, runs, columns, names, top, active, hot, link, speech }: Props) {
  const cells: number[] = [];
  for (let column = columns.from; column < columns.to; column += 1) cells.push(column);
  // Whatever is in view: where the focus is must be there.
  if (active !== null && active >= 0 && (active < columns.from || active >= columns.to)) cells.push(active);
  return (
    <div role="row" aria-rowindex={index + 2} className={styles.line} style={{ top }}>
      <Name row={row} index={index} width={names} active={active === -1} />
      {cells.map((column) => {
        const run = runs[column];
        if (!run) return null;
        return (
          <div
            key={run.run_id}
            role="gridcell"
            aria-colindex={column + 2}
            aria-label={squareWords(row, run, squareOf(row, run), speech)}
            tabIndex={column === active ? 0 : -1}
            data-row={index}
            data-column={column}
            className={styles.cell}
            style={{ insetInlineStart: names + column * CELL }}
          >
            {hot === column && link(row, run)}
          </div>
        );
      })}
    </div>
  );
});

function Name({ row, index, width, active }: { row: Row; index: number; width: number; active: boolean }) {
  const t = useT();
  const group = row.kind === "group";
  const kinds = [
    row.mapped && t("grid.mapped"),
    row.setup && t("grid.setup"),
    row.teardown && t("grid.teardown"),
    row.removed && t("grid.removed"),
  ].filter((word) => word !== false);
  const about = [row.id, row.operator, ...kinds].filter(Boolean).join(" · ");
  return (
    <div
      role="rowheader"
      translate="no"
      aria-colindex={1}
      aria-expanded={group ? !row.folded : undefined}
      aria-label={[group ? t("grid.groupNamed", { name: row.label }) : row.label, ...kinds].join(", ")}
      tabIndex={active ? 0 : -1}
      data-row={index}
      data-column={-1}
      className={`${styles.name} ${group ? styles.group : ""} ${row.removed ? styles.removed : ""}`}
      style={{ width, paddingInlineStart: `calc(var(--space-2) + ${row.depth} * 0.875rem)` }}
      title={about}
    >
      {group ? (
        <span className={`${styles.fold} ${row.folded ? styles.folded : ""}`}>
          <Icon name="down" />
        </span>
      ) : (
        <span className={styles.fold} />
      )}
      <span className="truncate">{row.label}</span>
      {group && row.folded && <span className={styles.count}>{row.members.length}</span>}
      {row.mapped && <span className={styles.count}>[ ]</span>}
    </div>
  );
}
