import { useT } from "@/catalogue/use";
import styles from "./State.module.css";
import { known, type State } from "./states";

/** The shape of each state within 16 x 16: states are told apart without colour. */
export const stateShapes: Record<State, string> = {
  success: "M3.5 8.5l3 3 6-7",
  running: "M5.5 3.5l7 4.5-7 4.5z",
  failed: "M4 4l8 8M12 4l-8 8",
  upstream_failed: "M8 12.5v-9M4.5 7L8 3.5 11.5 7M4 13.5h8",
  skipped: "M4 4l4 4-4 4M9 4l4 4-4 4",
  up_for_retry: "M12.5 8a4.5 4.5 0 1 1-1.5-3.4M12.5 2.5v2.8H9.7",
  up_for_reschedule: "M8 4.5V8l2.5 1.8M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11z",
  queued: "M4 5h8M4 8h8M4 11h5",
  scheduled: "M3.5 5h9v7.5h-9zM3.5 7.5h9M6 3v3M10 3v3",
  deferred: "M6 4v8M10 4v8",
  awaiting_input: "M3 3.5h10v7H8.5L5.5 13v-2.5H3z",
  restarting: "M3.5 8a4.5 4.5 0 0 1 8-2.8M12.5 8a4.5 4.5 0 0 1-8 2.8M11.7 2.7v2.6H9M4.3 13.3v-2.6H7",
  removed: "M4 8h8",
  none: "M8 4.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7z",
};

/** The sign of a state; say the state beside it, or give `labelled`. */
export function StateIcon({ state, labelled = false }: { state: string | null | undefined; labelled?: boolean }) {
  const t = useT();
  const one = known(state);
  return (
    <svg
      className={`${styles.icon} ${styles[one]}`}
      viewBox="0 0 16 16"
      {...(labelled ? { role: "img", "aria-label": t(`state.${one}`) } : { "aria-hidden": true })}
    >
      <path d={stateShapes[one]} />
    </svg>
  );
}

/** A state as a badge: colour, sign and word. */
export function StateBadge({ state }: { state: string | null | undefined }) {
  const t = useT();
  const one = known(state);
  return (
    <span className={`${styles.badge} ${styles[one]}`}>
      <StateIcon state={one} />
      {t(`state.${one}`)}
    </span>
  );
}
