import type { Query } from "@/api/client";
import { api } from "@/api/client";
import type { Schemas } from "@/api/schema";
import { listTasks, type Touched, type TouchedList } from "@/api/work";

/** What a clear or a mark is about. */
export type Target = {
  dagId: string;
  runId: string;
} & (
  | { kind: "run" }
  /** One or more tasks of the run; without `mapIndex`, all instances of a mapped task. */
  | { kind: "tasks"; tasks: readonly { taskId: string; mapIndex?: number | undefined }[] }
  /** The members of a task group. */
  | { kind: "group"; groupId: string; taskIds: readonly string[] }
);

/** How far a clear or mark of tasks reaches. */
export interface Reach {
  past: boolean;
  future: boolean;
  upstream: boolean;
  downstream: boolean;
}

export const nothing: Reach = { past: false, future: false, upstream: false, downstream: false };

const reach = (r: Reach) => ({
  include_past: r.past,
  include_future: r.future,
  include_upstream: r.upstream,
  include_downstream: r.downstream,
});

export interface ClearOptions extends Reach {
  onlyFailed: boolean;
  latestVersion: boolean;
  /** Only tasks that the newest version has and the run has not; of a run. */
  onlyNew: boolean;
  note: string;
}

/** The body of a clear of tasks: `task_ids` holds ids, or pairs with a map index. */
export function clearBody(target: Target, options: ClearOptions, dry: boolean): Record<string, unknown> {
  const common = {
    dry_run: dry,
    only_failed: options.onlyFailed,
    run_on_latest_version: options.latestVersion,
    ...(options.note.trim() === "" || dry ? {} : { note: options.note.trim() }),
  };
  if (target.kind === "run") return { ...common, only_new: options.onlyNew };
  const ids =
    target.kind === "group"
      ? target.taskIds
      : target.tasks.map(({ taskId, mapIndex }) => (mapIndex === undefined || mapIndex < 0 ? taskId : [taskId, mapIndex]));
  return { ...common, ...reach(options), dag_run_id: target.runId, task_ids: ids, reset_dag_runs: true };
}

/** Clears, or with `dry` lists what would be cleared. */
export async function clear(target: Target, options: ClearOptions, dry: boolean, signal?: AbortSignal): Promise<TouchedList> {
  const { dagId: dag_id, runId: dag_run_id } = target;
  const body = clearBody(target, options, dry);
  if (target.kind === "run") {
    const found = await api.post("/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/clear", { path: { dag_id, dag_run_id }, body, signal });
    // Cleared in earnest, the run itself is the answer.
    return "task_instances" in found ? found : { task_instances: [], total_entries: 0 };
  }
  return api.post("/api/v2/dags/{dag_id}/clearTaskInstances", { path: { dag_id }, body, signal });
}

export type Mark = "success" | "failed" | "skipped";

/** States of tasks that have begun: marking their run gives them its state, while those that have not begun are skipped. */
const begun = ["running", "restarting", "deferred", "up_for_reschedule", "awaiting_input"];
const ended = ["success", "failed", "skipped", "upstream_failed", "removed"];

/** What a task instance of a marked run becomes; `null`: it stays as it is. */
export function afterRunMark(state: string | null | undefined, mark: Mark): Mark | null {
  if (state && ended.includes(state)) return null;
  return state && begun.includes(state) ? mark : "skipped";
}

/** Marks, or with `dry` lists what would be marked. */
export async function mark(target: Target, state: Mark, options: Reach, dry: boolean, signal?: AbortSignal): Promise<TouchedList> {
  const run = { dag_id: target.dagId, dag_run_id: target.runId };
  const body = { new_state: state, ...reach(options) };
  switch (target.kind) {
    case "run": {
      if (!dry) {
        // Runs are not skipped: the dialog does not offer it.
        if (state !== "skipped") await api.patch("/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}", { path: run, body: { state }, signal });
        return { task_instances: [], total_entries: 0 };
      }
      const tasks = (await everyTask(run, signal)).filter((task) => afterRunMark(task.state, state) !== null);
      return { task_instances: tasks, total_entries: tasks.length };
    }
    case "group": {
      const path = { ...run, group_id: target.groupId };
      const base = "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskGroupInstances/{group_id}";
      return dry ? api.patch(`${base}/dry_run`, { path, body, signal }) : api.patch(base, { path, body, signal });
    }
    case "tasks": {
      const lists = await Promise.all(target.tasks.map((task) => markOne(run, task, body, dry, signal)));
      return merge(lists);
    }
  }
}

async function markOne(
  run: { dag_id: string; dag_run_id: string },
  { taskId, mapIndex }: { taskId: string; mapIndex?: number | undefined },
  body: Schemas["PatchTaskInstanceBody"],
  dry: boolean,
  signal?: AbortSignal,
): Promise<TouchedList> {
  const base = "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}";
  const path = { ...run, task_id: taskId };
  if (mapIndex === undefined || mapIndex < 0) {
    return dry ? api.patch(`${base}/dry_run`, { path, body, signal }) : api.patch(base, { path, body, signal });
  }
  const one = { ...path, map_index: mapIndex };
  return dry ? api.patch(`${base}/{map_index}/dry_run`, { path: one, body, signal }) : api.patch(`${base}/{map_index}`, { path: one, body, signal });
}

/** Several lists as one, each task instance once. */
export function merge(lists: readonly TouchedList[]): TouchedList {
  const all = new Map<string, Touched>();
  for (const task of lists.flatMap((list) => list.task_instances)) all.set(`${task.dag_run_id} ${task.task_id} ${task.map_index}`, task);
  return { task_instances: [...all.values()], total_entries: all.size };
}

const PAGE = 100;
const MOST = 2000;

async function everyTask(path: { dag_id: string; dag_run_id: string }, signal?: AbortSignal): Promise<Touched[]> {
  const all: Touched[] = [];
  for (;;) {
    const query: Query = { limit: PAGE, offset: all.length };
    const page = await listTasks(path, query, signal);
    all.push(...page.task_instances);
    if (page.task_instances.length === 0 || all.length >= page.total_entries || all.length >= MOST) return all;
  }
}
