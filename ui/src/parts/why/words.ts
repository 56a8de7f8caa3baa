import type { Schemas } from "@/api/schema";
import type { Translate } from "@/catalogue/translate";
import type { Key } from "@/catalogue/types";
import { known } from "@/parts/states";

type Reason = Pick<Schemas["TaskDependencyResponse"], "code" | "values">;

interface Tools {
  t: Translate;
  locale: string;
  /** An instant in the viewer's zone. */
  time: (value: string) => string;
}

interface Tally {
  total: number;
  success: number;
  failed: number;
  upstream_failed: number;
  skipped: number;
  removed: number;
  open: number;
}
interface Blocker {
  task_id: string;
  map_index: number;
  state: string | null;
}

/** Runs and tasks that a sentence names. */
const NAMED = 5;

/** The reason why something does not run, in the words of the chosen language. */
export function reasonInWords({ code, values }: Reason, tools: Tools): string {
  const words: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(values)) words[name] = worded(name, value, tools);
  const t = tools.t as (key: Key, values: typeof words) => string;
  const sentences = [t(`why.reason.${code}`, words)];
  const { in_the_way: blockers, more, setups, work, earlier } = values as { in_the_way?: Blocker[]; more?: number; setups?: Tally | null; work?: Tally | null; earlier?: number };
  if (blockers && blockers.length > 0) {
    sentences.push(more ? t("why.inTheWayMore", { ...words, more }) : t("why.inTheWay", words));
  }
  if (setups) sentences.push(t("why.setups", words));
  if (work) sentences.push(t("why.work", words));
  if (earlier) sentences.push(t("why.earlier", words));
  return sentences.join(" ");
}

function worded(name: string, value: unknown, { t, locale, time }: Tools): string | number {
  const list = (words: string[]) => new Intl.ListFormat(locale, { type: "unit", style: "short" }).format(words);
  switch (name) {
    case "state":
      return t(`state.${known(value as string | null)}`);
    case "at":
    case "date":
      return time(value as string);
    case "in_the_way":
      return list((value as Blocker[]).map((one) => t("why.blocker", { task: instance(one), state: t(`state.${known(one.state)}`) })));
    case "upstream":
    case "setups":
    case "work":
      return value ? list(counted(value as Tally, t)) : "";
    case "map_index":
      return String(value);
  }
  if (Array.isArray(value)) return list([...value.slice(0, NAMED), ...(value.length > NAMED ? ["…"] : [])]);
  return typeof value === "number" ? value : String(value ?? "");
}

const instance = ({ task_id, map_index }: Blocker): string => (map_index < 0 ? task_id : `${task_id}[${map_index}]`);

function counted(tally: Tally, t: Translate): string[] {
  const states = ["success", "failed", "upstream_failed", "skipped", "removed"] as const;
  const words = states.filter((state) => tally[state] > 0).map((state) => t("why.counted", { what: t(`state.${state}`), count: tally[state] }));
  if (tally.open > 0) words.push(t("why.counted", { what: t("why.open"), count: tally.open }));
  return [t("why.total", { count: tally.total }), ...words];
}
