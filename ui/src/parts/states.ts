import type { RunState, TaskState } from "@/api/types";

/** States of runs and tasks, in the order in which a legend lists them. */
export const states = [
  "success",
  "running",
  "failed",
  "upstream_failed",
  "skipped",
  "up_for_retry",
  "up_for_reschedule",
  "queued",
  "scheduled",
  "deferred",
  "awaiting_input",
  "restarting",
  "removed",
  "none",
] as const satisfies readonly (RunState | TaskState | "none")[];

export type State = (typeof states)[number];

/** A state of the API: no state at all is `none`, and what we do not know is shown like it. */
export const known = (state: string | null | undefined): State => states.find((one) => one === state) ?? "none";
