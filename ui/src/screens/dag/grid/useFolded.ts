import { useCallback, useState } from "react";

const nameOf = (dagId: string) => `tradewind.folded.${dagId}`;

function read(dagId: string): ReadonlySet<string> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(nameOf(dagId)) ?? "[]");
    return new Set(Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : []);
  } catch {
    return new Set();
  }
}

/** The folded groups of a DAG, remembered on this machine. */
export function useFolded(dagId: string): [ReadonlySet<string>, (change: (folded: ReadonlySet<string>) => ReadonlySet<string>) => void] {
  const [kept, setKept] = useState(() => ({ dagId, folded: read(dagId) }));
  if (kept.dagId !== dagId) setKept({ dagId, folded: read(dagId) });
  const change = useCallback(
    (change: (folded: ReadonlySet<string>) => ReadonlySet<string>) =>
      setKept((old) => {
        const folded = change(old.folded);
        try {
          if (folded.size === 0) localStorage.removeItem(nameOf(dagId));
          else localStorage.setItem(nameOf(dagId), JSON.stringify([...folded]));
        } catch {
          // A browser that keeps nothing still folds.
        }
        return { dagId, folded };
      }),
    [dagId],
  );
  return [kept.folded, change];
}

/** The set with a member in or out. */
export function toggled(set: ReadonlySet<string>, member: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(member)) next.add(member);
  return next;
}
