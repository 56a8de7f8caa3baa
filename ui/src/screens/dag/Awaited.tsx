import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { awaitedQuery } from "@/api/dag";
import { useT } from "@/catalogue/use";
import { Icon } from "@/parts/Icon";
import { Time } from "@/time/Time";
import styles from "./Awaited.module.css";

/** What a DAG that is scheduled by assets waits for: which have come since its last run, and why no run is made. */
export function Awaited({ dagId }: { dagId: string }) {
  const t = useT();
  const { data } = useQuery(awaitedQuery(dagId));
  const waiting = data?.waiting;
  if (!waiting) return null;
  const full = waiting.open_runs >= waiting.max_active_runs;
  const why = waiting.is_paused
    ? t("awaited.paused")
    : !waiting.is_met
      ? t(waiting.total === 0 ? "awaited.empty" : "awaited.missing")
      : full
        ? t("awaited.full", { open: waiting.open_runs, limit: waiting.max_active_runs })
        : t("awaited.soon");
  return (
    <section className={styles.box} aria-label={t("awaited.title")}>
      <p>
        <strong>{t("awaited.count", { arrived: waiting.arrived, total: waiting.total })}</strong> {why}
      </p>
      <p className="soft small" translate="no">
        <Condition of={waiting.condition as Expression} />
      </p>
      <ul className={styles.list}>
        {waiting.awaited.map((one) => (
          <li key={`${one.kind} ${one.name} ${one.uri ?? ""}`} className={one.arrived ? styles.come : styles.open}>
            <Icon name={one.arrived ? "check" : "time"} />
            <Link to="/assets" search={one.kind === "alias" ? {} : { search: one.name, all: true }} translate="no">
              {one.name}
            </Link>
            <span className="soft small">
              {one.kind === "alias" && `${t("awaited.alias")} · `}
              {one.arrived ? t("awaited.arrived") : t("awaited.awaited")} {one.since && <Time value={one.since} show="relative" />}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** A condition as the form of a DAG has it. */
export interface Expression {
  all?: Expression[];
  any?: Expression[];
  asset?: { name: string };
  asset_ref?: { name?: string; uri?: string };
  alias?: { name: string };
}

/** `a & (b | c)`, as an author writes it. */
export function written(of: Expression): string {
  const several = of.all ?? of.any;
  if (several) {
    const parts = several.map((part) => ((part.all ?? part.any)?.length ?? 0) > 1 ? `(${written(part)})` : written(part));
    return parts.join(of.all ? " & " : " | ");
  }
  return of.asset?.name ?? of.asset_ref?.name ?? of.asset_ref?.uri ?? of.alias?.name ?? "";
}

function Condition({ of }: { of: Expression }) {
  return <code>{written(of)}</code>;
}
