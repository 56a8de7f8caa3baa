import { useState } from "react";

/** How a person likes logs; kept in this browser. */
export interface Prefs {
  wrap: boolean;
  times: boolean;
  /** The logger, and the place in the source that wrote a line. */
  source: boolean;
}

const KEY = "tradewind.log";
// A narrow window would show the beginnings of lines only.
const defaults: Prefs = { wrap: innerWidth < 640, times: true, source: false };

function read(): Prefs {
  try {
    return { ...defaults, ...(JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Prefs>) };
  } catch {
    return defaults;
  }
}

export function usePrefs(): [Prefs, (change: Partial<Prefs>) => void] {
  const [prefs, setPrefs] = useState(read);
  const change = (some: Partial<Prefs>) => {
    const next = { ...prefs, ...some };
    setPrefs(next);
    try {
      localStorage.setItem(KEY, JSON.stringify(next));
    } catch {
      // Storage may be closed to us: the choice then lasts as long as the page.
    }
  };
  return [prefs, change];
}
