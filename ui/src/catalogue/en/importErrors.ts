import type { Part } from "../types";

export const importErrors = {
  title: "Import errors",
  hint: "Files of the DAGs folder that could not be read. Their DAGs stay as they were before.",
  search: "Search files",
  empty: "All files can be read",
  since: "Since",
  trace: "Whole traceback",
  warnings: "Warnings",
  noWarnings: "No warnings",
  warning: "Warning",
  kind: "Kind",
  dags: "DAGs",
  kindDeprecation: "Old name",
  kindPool: "Missing pool",
  kindAsset: "Assets in conflict",
  kindVarying: "Value changes with time",
} as const satisfies Part;
