import type { dags as english } from "../en/dags";
import type { Translation } from "../types";

export const dags: Translation<typeof english> = {
  title: "DAG",
  count: { other: "DAG {count}개" },
};
