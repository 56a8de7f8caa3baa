import type { Schemas } from "./schema";
import type { Grid, GridCell, GridRun } from "./types";

type Packed = Schemas["PackedGridResponse"];
type PackedRun = Packed["runs"][number];

/** A page of the grid out of its packed form. */
export function unpack(packed: Packed): Grid {
  const { letters, runs, ...rest } = packed;
  const tasks = packed.tasks.filter((row) => row.kind === "task").map((row) => row.id);
  return { ...rest, runs: runs.map((run) => unpackRun(run, tasks, letters)) };
}

function unpackRun({ cells, tries, starts, took, notes, counts, ...facts }: PackedRun, tasks: readonly string[], letters: Packed["letters"]): GridRun {
  const base = Date.parse(facts.start_date ?? facts.run_after);
  const states: Record<string, GridCell> = {};
  for (const [at, id] of tasks.entries()) {
    const letter = cells[at];
    if (letter === undefined || letter === ".") continue;
    const start = starts[at] ?? null;
    const lasted = took[at] ?? null;
    states[id] = {
      state: letters[letter] ?? null,
      try_number: tries[at] ?? 0,
      start_date: start === null ? null : new Date(base + start).toISOString(),
      end_date: start === null || lasted === null ? null : new Date(base + start + lasted).toISOString(),
      ...(notes[id] === undefined ? {} : { note: notes[id] }),
      ...(counts[id] === undefined ? {} : { counts: counts[id] }),
    };
  }
  return { ...facts, states };
}
