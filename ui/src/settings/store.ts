import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";
export type Language = "en" | "ko" | "pseudo";
/** `dag`: each time in the zone of its DAG; `browser`: that of this machine; else UTC or a name of the time zone database. */
export type ZoneChoice = string;

/** What a person chose on this machine. `""`: nothing chosen, the server's or the browser's default holds. */
export interface Settings {
  theme: Theme;
  language: Language | "";
  zone: ZoneChoice;
  density: "comfortable" | "compact";
  /** Single letters as shortcuts (WCAG 2.1.4: they can be switched off). */
  letterKeys: boolean;
  /** Columns that are not shown, by list. */
  hiddenColumns: Record<string, readonly string[]>;
}

export const defaults: Settings = { theme: "system", language: "", zone: "", density: "comfortable", letterKeys: true, hiddenColumns: {} };

const KEY = "tradewind.settings";
const watchers = new Set<() => void>();
let current: Settings = read();

function read(): Settings {
  try {
    return { ...defaults, ...(JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Settings>) };
  } catch {
    return defaults;
  }
}

export const getSettings = (): Settings => current;

/** Changes some settings, keeps them on this machine, and tells everybody. */
export function changeSettings(change: Partial<Settings>): void {
  current = { ...current, ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(current));
  } catch {
    // Storage may be closed to us: the choice then lasts as long as the tab.
  }
  apply();
  for (const watcher of watchers) watcher();
}

/** Shows theme and density on the document. */
export function apply(): void {
  const root = document.documentElement;
  if (current.theme === "system") delete root.dataset.theme;
  else root.dataset.theme = current.theme;
  root.dataset.density = current.density;
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

// Another tab changed them.
addEventListener("storage", (event) => {
  if (event.key !== KEY) return;
  current = read();
  apply();
  for (const watcher of watchers) watcher();
});

export const useSettings = (): Settings => useSyncExternalStore(watch, getSettings);
