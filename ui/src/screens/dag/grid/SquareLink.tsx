import { Link } from "@tanstack/react-router";
import type { GridRun } from "@/api/types";
import { runAddress, taskAddress } from "@/parts/links";
import styles from "./Grid.module.css";
import type { Row } from "./model";

/** Where a square leads: to the task instance, or to the run, narrowed to the task where it has many. */
export function squareAddress(dagId: string, run: GridRun, row: Row | null) {
  const cell = row ? run.states[row.id] : undefined;
  if (!row || row.kind === "group" || !cell) return runAddress(dagId, run.run_id);
  if (cell.counts) return { ...runAddress(dagId, run.run_id), search: { task: row.id } } as ReturnType<typeof runAddress>;
  return taskAddress({ dagId, runId: run.run_id, taskId: row.id });
}

/**
 * The link that lies over the square or the head under the pointer, so that it can be opened in a new tab as any other. For the
 * pointer only: the keyboard and readers have the cell itself.
 */
export function SquareLink({ dagId, row, run }: { dagId: string; row: Row | null; run: GridRun }) {
  if (row?.kind === "group") return <span className={styles.link} />;
  return <Link {...squareAddress(dagId, run, row)} className={styles.link} tabIndex={-1} aria-hidden="true" />;
}
