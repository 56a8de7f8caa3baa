import type { QueryClient, QueryKey } from "@tanstack/react-query";
import type { LiveEvent } from "./stream";

/**
 * Which queries a batch of changes makes old. A screen that can do better than asking again adds a patch (`addPatch`), which is
 * called first and gets the same events.
 */
export function touched(events: readonly LiveEvent[]): QueryKey[] {
  const keys = new Map<string, QueryKey>();
  const add = (...key: (string | number)[]) => keys.set(JSON.stringify(key), key);
  for (const event of events) {
    switch (event.kind) {
      case "reset":
        return [[]];
      case "dag_run":
        add("home");
        add("dags");
        // A run by assets takes their updates; a task may have written some.
        add("assets");
        if (event.dag_id) add("dag", event.dag_id);
        break;
      case "task_instance":
        add("home");
        if (event.state === "success") add("assets");
        if (event.dag_id && event.run_id) {
          add("dag", event.dag_id, "grid");
          add("dag", event.dag_id, "run", event.run_id);
        }
        break;
      case "dag":
        add("home");
        add("dags");
        add("assets");
        if (event.dag_id) add("dag", event.dag_id);
        break;
      case "import_error":
        add("home");
        add("importErrors");
        add("dags");
        break;
      case "job":
        add("home");
        add("cluster");
        break;
      case "alert":
        add("alerts");
        break;
    }
  }
  return [...keys.values()];
}

/** Changes what is held of an answer, so that it need not be asked for again. */
export type Patch = (events: readonly LiveEvent[], client: QueryClient) => void;

const patches = new Set<Patch>();

/** Adds a patch; gives the function that takes it away. */
export function addPatch(patch: Patch): () => void {
  patches.add(patch);
  return () => patches.delete(patch);
}

/** How often what is held is asked for again at most (milliseconds): lists of everything seldom, the rest so that nobody notices. */
const HEAVY: Record<string, number> = { home: 1000, dags: 300, cluster: 2000, assets: 1000 };
const LIGHT = 250;
/** An answer on its way is waited for this long: started anew with each event, it would never arrive. */
const PATIENCE = 3000;
const waiting = new Map<string, ReturnType<typeof setTimeout>>();
const lately = new Map<string, number>();

function refresh(client: QueryClient, queryKey: QueryKey): void {
  if (queryKey.length === 0) return void client.invalidateQueries();
  const name = JSON.stringify(queryKey);
  if (waiting.has(name)) return;
  const pause = (queryKey.length === 1 ? HEAVY[String(queryKey[0])] : undefined) ?? LIGHT;
  const since = Date.now();
  const act = () => {
    if (client.isFetching({ queryKey }) > 0 && Date.now() - since < PATIENCE) return void waiting.set(name, setTimeout(act, LIGHT));
    waiting.delete(name);
    if (lately.size > 500) for (const [key, at] of lately) if (Date.now() - at > 5000) lately.delete(key);
    lately.set(name, Date.now());
    void client.invalidateQueries({ queryKey });
  };
  const wait = (lately.get(name) ?? 0) + pause - since;
  if (wait <= 0) act();
  else waiting.set(name, setTimeout(act, wait));
}

/** Brings what is held up to date with a batch of changes. */
export function applyBatch(events: readonly LiveEvent[], client: QueryClient): void {
  for (const patch of patches) patch(events, client);
  for (const key of touched(events)) refresh(client, key);
}
