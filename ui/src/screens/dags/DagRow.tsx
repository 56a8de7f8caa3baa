import { Link, useNavigate } from "@tanstack/react-router";
import { memo } from "react";
import type { DagRow as Row } from "@/api/types";
import { useConfig, useMay } from "@/api/config";
import { useT } from "@/catalogue/use";
import { IconButton } from "@/parts/Button";
import { Due } from "@/parts/Due";
import { Icon } from "@/parts/Icon";
import { DagLink, triggerAddress } from "@/parts/links";
import { RunBars } from "@/parts/RunBars";
import { StateIcon } from "@/parts/State";
import { Tip } from "@/parts/Tip";
import { scheduleCode, useScheduleWords } from "@/time/schedule";
import { Time } from "@/time/Time";
import styles from "./Dags.module.css";
import { PauseSwitch } from "./PauseSwitch";
import { useFavorite } from "./mutations";

/** One DAG of the list; not known yet while its page is on its way. */
export const DagRow = memo(function DagRow({ row, selected, onSelect }: { row: Row | undefined; selected: boolean; onSelect: (on: boolean, through: boolean) => void }) {
  const t = useT();
  if (!row) {
    return (
      <div role="cell" className={`${styles.name} ${styles.comes}`}>
        <span className={styles.waiting} />
        <span className="visually-hidden">{t("common.loading")}</span>
      </div>
    );
  }
  return (
    <>
      <div role="cell" className={styles.check}>
        <input
          type="checkbox"
          aria-label={t("dags.select", { dag: row.dag_display_name })}
          checked={selected}
          // With Shift everything from the row pressed last.
          onClick={(event) => onSelect(!selected, event.shiftKey)}
          onChange={() => undefined}
        />
      </div>
      <div role="cell" className={`${styles.name} ${styles.named}`}>
        <Favorite row={row} />
        <div>
          <Name row={row} />
        </div>
      </div>
      <div role="cell" className={styles.schedule}>
        <Schedule row={row} />
      </div>
      <div role="cell" className={styles.lastRuns}>
        <RunBars dagId={row.dag_id} zone={row.timezone} runs={row.last_runs} />
      </div>
      <div role="cell" className={styles.runs}>
        <RunCounts row={row} />
      </div>
      <div role="cell" className={styles.nextRun}>
        <NextRun row={row} />
      </div>
      <div role="cell" className={styles.actions}>
        <Actions row={row} />
      </div>
    </>
  );
});

function Name({ row }: { row: Row }) {
  const t = useT();
  return (
    <>
      <div className={styles.title}>
        <DagLink dagId={row.dag_id} className={styles.link}>
          {row.dag_display_name}
        </DagLink>
        {row.has_import_errors && (
          <Tip text={t("dags.hasError")}>
            <Link to={"/import-errors" as "/"} className={styles.problem} aria-label={t("dags.hasError")}>
              <Icon name="error" />
            </Link>
          </Tip>
        )}
        {row.is_stale && <span className={styles.tag}>{t("dags.stale")}</span>}
        {row.tags.map((tag) => (
          <Link key={tag} to="/dags" search={(before) => ({ ...before, tags: [tag] })} className={styles.tag} translate="no">
            {tag}
          </Link>
        ))}
      </div>
      <div className={`${styles.description} truncate`} translate="no">
        {[row.description, row.owners.filter((owner) => owner !== "airflow").join(", ")].filter(Boolean).join(" · ")}
      </div>
    </>
  );
}

function Schedule({ row }: { row: Row }) {
  const t = useT();
  const words = useScheduleWords(row.timetable_summary, row.timetable_description);
  const code = scheduleCode(row.timetable_summary);
  if (!row.timetable_summary || row.timetable_summary === "None") return <span className="soft">{t("dags.noSchedule")}</span>;
  return (
    <>
      <div className="truncate" title={words} translate="no">
        {words}
      </div>
      <div className={`${styles.description} truncate`} translate="no">
        {code && words !== code && <code>{code} </code>}
        {code && row.timezone}
      </div>
    </>
  );
}

function RunCounts({ row }: { row: Row }) {
  const t = useT();
  const { running, queued, failed, success } = row.run_counts;
  const counts = [
    ["running", running],
    ["queued", queued],
    ["failed", failed],
    ["success", success],
  ] as const;
  return (
    <>
      <span className="visually-hidden">{t("dags.counts", { running, queued, failed, success })}</span>
      <span className={styles.counts} aria-hidden="true">
        {counts
          .filter(([, count]) => count > 0)
          .map(([state, count]) => (
            <span key={state} className={styles.count} title={t(`state.${state}`)}>
              <StateIcon state={state} />
              {count}
            </span>
          ))}
      </span>
    </>
  );
}

function NextRun({ row }: { row: Row }) {
  const t = useT();
  if (!row.next_run_after && row.assets) return <span className="soft">{t("awaited.short", row.assets)}</span>;
  if (!row.next_run_after) return <span className="soft">{row.timetable_summary === "None" ? "" : t("dags.noNext")}</span>;
  if (row.is_paused) return <span className="soft">{t("dags.pausedNext")}</span>;
  return (
    <>
      <Time value={row.next_run_after} dagZone={row.timezone} />
      <div className={`${styles.description} truncate`}>
        <Due at={row.next_run_after} className="" />
      </div>
    </>
  );
}

function Favorite({ row }: { row: Row }) {
  const t = useT();
  const favorite = useFavorite(row);
  return (
    <IconButton
      icon="star"
      filled={row.is_favorite}
      className={row.is_favorite ? styles.starred : ""}
      label={t(row.is_favorite ? "dags.unfavorite" : "dags.favorite")}
      aria-pressed={row.is_favorite}
      busy={favorite.isPending}
      onClick={() => favorite.mutate()}
    />
  );
}

function Actions({ row }: { row: Row }) {
  const t = useT();
  const navigate = useNavigate();
  const may = useMay("USER");
  const { user } = useConfig();
  const why = may ? null : t("common.notAllowed", { role: user.role });
  return (
    <>
      <IconButton icon="play" label={t("dags.trigger")} why={why} onClick={() => void navigate(triggerAddress(row.dag_id))} />
      <PauseSwitch dag={row} why={why} />
    </>
  );
}
