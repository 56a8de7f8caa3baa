import type { RUN_ORDERS } from "../filters";

type Order = (typeof RUN_ORDERS)[number];
type Column = "state" | "run_after" | "start_date" | "duration";

/** The order after a press on the head of a column: the largest first, then the smallest first. */
export const turned = (order: Order, column: Column): Order => (order === `-${column}` ? column : `-${column}`);

/** The conf of a run on one line; `""`: it has none. */
export function confText(conf: Record<string, unknown> | null): string {
  return conf && Object.keys(conf).length > 0 ? JSON.stringify(conf) : "";
}
