import type { Translate } from "@/catalogue/translate";

export const RUN_STATES = ["queued", "running", "success", "failed"] as const;
export const RUN_TYPES = ["scheduled", "manual", "backfill", "asset_triggered", "asset_materialization", "operator_triggered"] as const;
/** What the list of runs may be sorted by; `-` turns it round. */
export const RUN_ORDERS = ["run_after", "-run_after", "start_date", "-start_date", "duration", "-duration", "state", "-state"] as const;

export const runStates = (t: Translate) => RUN_STATES.map((value) => ({ value, label: t(`state.${value}`) }));
export const runTypes = (t: Translate) => RUN_TYPES.map((value) => ({ value, label: t(`runType.${value}`) }));
