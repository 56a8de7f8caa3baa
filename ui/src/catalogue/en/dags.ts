import type { Part } from "../types";

export const dags = {
  title: "DAGs",
  count: { one: "{count} DAG", other: "{count} DAGs" },
} as const satisfies Part;
