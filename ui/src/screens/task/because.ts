import type { Schemas } from "@/api/schema";
import type { Translate } from "@/catalogue/translate";
import type { Key } from "@/catalogue/types";
import { known } from "@/parts/states";

type Event = Pick<Schemas["TaskStateEvent"], "why" | "code" | "values">;

interface Tools {
  t: Translate;
  /** An instant in the viewer's zone. */
  time: (value: string) => string;
}

/** Why a task instance got a state, in the words of the chosen language; what the task itself said as it is. */
export function because({ why, code, values }: Event, { t, time }: Tools): string {
  if (!code) return why ?? "";
  const { by, state, at, times } = values as { by?: string | null; state?: string; at?: string; times?: number };
  const words = {
    by: by ?? t("task.somebody"),
    state: state === undefined ? "" : t(`state.${known(state)}`),
    at: at === undefined ? "" : time(at),
    times: times ?? 0,
  };
  return (t as (key: Key, values: typeof words) => string)(`task.because.${code}`, words);
}
