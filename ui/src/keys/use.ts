import { useEffect, useEffectEvent } from "react";
import { useSettings } from "@/settings/store";
import { addShortcuts, handle, type Shortcut } from "./registry";

/** Shortcuts while the component is there; what they do may change with each rendering, their keys may not. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  const run = useEffectEvent((keys: string, event: KeyboardEvent) => {
    shortcuts.find((one) => one.keys === keys)?.run(event);
  });
  const names = shortcuts.map((one) => one.keys).join("\n");
  const described = useEffectEvent(() => shortcuts);
  useEffect(() => {
    const stable = names === "" ? [] : described().map((one) => ({ ...one, run: (event: KeyboardEvent) => run(one.keys, event) }));
    return addShortcuts(stable);
  }, [names]);
}

/** Listens on the document; once, in the shell. */
export function useKeyboard(): void {
  const { letterKeys } = useSettings();
  useEffect(() => {
    const listen = (event: KeyboardEvent) => handle(event, letterKeys);
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, [letterKeys]);
}
