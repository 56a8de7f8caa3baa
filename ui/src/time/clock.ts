import { useSyncExternalStore } from "react";

/** The time of now, moved on together for all who show ages; nothing runs while the tab is hidden or nobody looks. */
const watchers = new Map<() => void, number>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function tick(): void {
  if (document.hidden) return;
  now = Date.now();
  for (const watcher of watchers.keys()) watcher();
}

function watch(watcher: () => void): () => void {
  watchers.set(watcher, 1);
  if (timer === undefined) {
    now = Date.now();
    timer = setInterval(tick, 1000);
  }
  return () => {
    watchers.delete(watcher);
    if (watchers.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** Milliseconds since 1970, moved on every `step` seconds. */
export function useNow(step = 1): number {
  return useSyncExternalStore(watch, () => now - (now % (step * 1000)));
}
