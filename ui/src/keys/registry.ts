import type { Key } from "@/catalogue/types";

/** One shortcut: `?`, `mod+k` (Ctrl, or Command on a Mac), `g h` (one after the other), `shift+c`. */
export interface Shortcut {
  keys: string;
  /** What it does, for the list under `?`. */
  label: Key;
  run: (event: KeyboardEvent) => void;
  /** Belongs to a screen and not to the whole app. */
  local?: boolean;
}

const SEQUENCE = 1000;
const shortcuts: Shortcut[] = [];
let typed = "";
let typedAt = 0;

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

/** Adds shortcuts; gives the function that takes them away. The newest wins. */
export function addShortcuts(added: readonly Shortcut[]): () => void {
  shortcuts.push(...added);
  return () => {
    for (const one of added) shortcuts.splice(shortcuts.indexOf(one), 1);
  };
}

/** All there are now, without those that another hides. */
export function listShortcuts(): Shortcut[] {
  return [...new Map(shortcuts.map((one) => [one.keys, one])).values()];
}

/** A press as it is written in a shortcut. */
export function pressed(event: KeyboardEvent): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const parts: string[] = [];
  if (isMac ? event.metaKey : event.ctrlKey) parts.push("mod");
  if (event.altKey) parts.push("alt");
  // A sign such as `?` has its shift in it.
  if (event.shiftKey && /^([a-z]|.{2,})$/.test(key)) parts.push("shift");
  return [...parts, key].join("+");
}

function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** Whether a shortcut works without Ctrl, Alt or Command. */
const isPlain = (keys: string) => !/\b(mod|alt)\+/.test(keys);

/** Runs what a press means; `letters` off: only shortcuts with Ctrl, Alt or Command. */
export function handle(event: KeyboardEvent, letters: boolean): void {
  if (event.defaultPrevented || event.isComposing) return;
  const press = pressed(event);
  const plain = isPlain(press);
  if (plain && (!letters || isField(event.target))) return;
  // A dialog has the page behind it to itself, but for what is meant for all.
  if (plain && document.querySelector("dialog[open]")) return;
  const before = event.timeStamp - typedAt < SEQUENCE ? typed : "";
  const find = (keys: string) => shortcuts.findLast((one) => one.keys === keys);
  const found = (before && find(`${before} ${press}`)) || find(press);
  if (found) {
    typed = "";
    event.preventDefault();
    found.run(event);
  } else if (plain && shortcuts.some((one) => one.keys.startsWith(`${press} `))) {
    typed = press;
    typedAt = event.timeStamp;
  } else {
    typed = "";
  }
}

/** How a shortcut is shown: `["Ctrl", "K"]`. */
export function caps(keys: string): string[][] {
  const names: Record<string, string> = { mod: isMac ? "⌘" : "Ctrl", shift: "Shift", alt: "Alt", ArrowUp: "↑", ArrowDown: "↓", " ": "Space" };
  return keys.split(" ").map((press) => press.split("+").map((key) => names[key] ?? (key.length === 1 ? key.toUpperCase() : key)));
}
