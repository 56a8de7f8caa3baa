import { Link } from "@tanstack/react-router";
import { type KeyboardEvent, useRef } from "react";
import type { LastRun } from "@/api/types";
import { useLocale, useT } from "@/catalogue/use";
import { useZones } from "@/time/viewer";
import { between, duration } from "@/time/words";
import { shown } from "@/time/zone";
import { runAddress } from "./links";
import styles from "./RunBars.module.css";
import { StateIcon } from "./State";
import { known } from "./states";
import { Tip } from "./Tip";

const TALLEST = 22;
const SMALLEST = 4;

/** The newest runs of a DAG as bars: height is duration, colour and sign are the state. One stop of the tab key; arrows move within. */
export function RunBars({ dagId, zone, runs }: { dagId: string; zone: string | null; runs: readonly LastRun[] }) {
  const t = useT();
  const locale = useLocale();
  const zones = useZones(zone);
  const group = useRef<HTMLDivElement>(null);
  if (runs.length === 0) return <span className="soft small">{t("dags.neverRan")}</span>;
  const lengths = runs.map((run) => between(run.start_date, run.end_date) ?? 0);
  const longest = Math.max(...lengths, 0.001);
  const onKeyDown = (event: KeyboardEvent) => {
    const bars = [...(group.current?.querySelectorAll<HTMLElement>("a") ?? [])];
    const at = bars.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: bars.length - 1 }[event.key];
    if (to === undefined || !bars[to]) return;
    event.preventDefault();
    bars[to]?.focus();
  };
  return (
    <div ref={group} className={styles.bars} role="group" aria-label={t("dags.lastRuns")} onKeyDown={onKeyDown}>
      {runs.map((run, index) => {
        const state = known(run.state);
        const took = run.end_date ? duration(lengths[index] ?? 0, locale) : "";
        const when = shown(new Date(run.logical_date ?? run.run_after), zones.shown);
        const words = [when, t(`state.${state}`), took].filter(Boolean).join(" · ");
        const height = SMALLEST + Math.round(((lengths[index] ?? 0) / longest) * (TALLEST - SMALLEST));
        return (
          <Tip key={run.run_id} text={words}>
            <Link
              {...runAddress(dagId, run.run_id)}
              className={styles.bar}
              aria-label={words}
              tabIndex={index === runs.length - 1 ? 0 : -1}
            >
              <svg viewBox="0 0 9 24" aria-hidden="true" className={`${styles.column} ${styles[state] ?? ""}`}>
                <rect x="1" y={24 - height} width="7" height={height} rx="1.5" />
              </svg>
              {state === "success" ? <span className={styles.plain} /> : <StateIcon state={state} />}
            </Link>
          </Tip>
        );
      })}
    </div>
  );
}
