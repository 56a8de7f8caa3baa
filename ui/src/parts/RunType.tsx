import type { RunType } from "@/api/types";
import { useT } from "@/catalogue/use";
import styles from "./RunType.module.css";

/** The shape of each type of run within 16 x 16: types are told apart without colour. */
export const runShapes: Record<RunType, string> = {
  scheduled: "M8 4.5V8l2.5 1.8M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11z",
  manual: "M5 3l8 5-8 5z",
  backfill: "M8 4L4 8l4 4M12.5 4l-4 4 4 4",
  asset_triggered: "M8 2.5l5.5 5.5L8 13.5 2.5 8z",
  asset_materialization: "M8 2.5l5.5 5.5L8 13.5 2.5 8zM8 6v4M6 8h4",
  operator_triggered: "M3 4.5h4v4H3zM7 6.5h6M10.5 4l2.5 2.5L10.5 9",
};

/** A type that we do not know is shown as one by hand. */
export const knownRunType = (type: string): RunType => (type in runShapes ? (type as RunType) : "manual");

export function RunTypeIcon({ type, labelled = false }: { type: string; labelled?: boolean }) {
  const t = useT();
  const one = knownRunType(type);
  return (
    <svg
      className={styles.icon}
      viewBox="0 0 16 16"
      {...(labelled ? { role: "img", "aria-label": t(`runType.${one}`) } : { "aria-hidden": true })}
    >
      <path d={runShapes[one]} />
    </svg>
  );
}

/** Sign and word. */
export function RunTypeText({ type }: { type: string }) {
  const t = useT();
  return (
    <span className={styles.text}>
      <RunTypeIcon type={type} />
      {t(`runType.${knownRunType(type)}`)}
    </span>
  );
}
