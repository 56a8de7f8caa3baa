import type { TaskInstance, TaskTry } from "@/api/work";

/** The tries there were, each once, oldest first; the one that runs now is the task instance itself. */
export function triesOf(found: readonly TaskTry[], task: TaskInstance): TaskTry[] {
  const tries = new Map<number, TaskTry>();
  // A try that was rescheduled has several rows: the last one holds.
  for (const one of found) if (one.try_number > 0) tries.set(one.try_number, one);
  if (task.try_number > 0) {
    const known = tries.get(task.try_number);
    const now = ["running", "restarting", "queued", "deferred", "awaiting_input"].includes(task.state ?? "");
    if (!known || now) tries.set(task.try_number, { ...known, ...task });
  }
  return [...tries.values()].sort((a, b) => a.try_number - b.try_number);
}

/** The try a person wants to see first: the last one. */
export const latestOf = (tries: readonly TaskTry[], task: TaskInstance): number => tries.at(-1)?.try_number ?? task.try_number;

/** Whether the try has begun, so that there may be a log. */
export const hasLog = (one: TaskTry): boolean => one.try_number > 0 && one.state !== "upstream_failed";
