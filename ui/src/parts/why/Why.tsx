import { Link } from "@tanstack/react-router";
import type { Dependency, DependencyLink, Holder } from "@/api/work";
import { useLocale, useT } from "@/catalogue/use";
import { Icon } from "@/parts/Icon";
import { dagAddress, poolAddress, runAddress, taskAddress } from "@/parts/links";
import { Time } from "@/time/Time";
import { useZones } from "@/time/viewer";
import { shown } from "@/time/zone";
import { reasonInWords } from "./words";
import styles from "./Why.module.css";

/** What a task or a run waits for: each condition in words, since when, until when, and ways to what holds it back. */
export function Why({ entries }: { entries: readonly Dependency[] }) {
  return (
    <ul className={styles.list}>
      {entries.map((entry) => (
        <WhyEntry key={`${entry.code} ${entry.reason}`} entry={entry} />
      ))}
    </ul>
  );
}

function WhyEntry({ entry }: { entry: Dependency }) {
  const t = useT();
  const locale = useLocale();
  const zone = useZones().shown;
  const { holders, links } = entry;
  const words = reasonInWords(entry, { t, locale, time: (value) => shown(new Date(value), zone, "second") });
  return (
    <li className={styles.entry}>
      <Icon name="time" />
      <div className={styles.body}>
        <strong>
          {entry.task_id && <span translate="no">{instanceName(entry.task_id, entry.map_index)}: </span>}
          {t(`why.kind.${entry.kind}`)}
        </strong>
        <p>{words}</p>
        {(entry.since || entry.until) && (
          <p className={styles.times}>
            {entry.since && (
              <span>
                {t("why.since")} <Time value={entry.since} />
              </span>
            )}
            {entry.until && (
              <span>
                {t("why.until")} <Time value={entry.until} />
              </span>
            )}
          </p>
        )}
        {links.length > 0 && (
          <ul className={styles.links} aria-label={t("why.links")}>
            {links.map((link) => (
              <li key={JSON.stringify(link)}>
                <WhyLink link={link} />
              </li>
            ))}
          </ul>
        )}
        {holders.length > 0 && (
          <details className={styles.holders} open={holders.length <= 5}>
            <summary>{t("why.holders", { count: holders.length })}</summary>
            <ul>
              {holders.map((holder) => (
                <li key={JSON.stringify(holder)}>
                  <HolderLink holder={holder} />
                </li>
              ))}
            </ul>
          </details>
        )}
      </div>
    </li>
  );
}

const instanceName = (taskId: string, mapIndex: number | null | undefined) => (mapIndex !== undefined && mapIndex !== null && mapIndex >= 0 ? `${taskId}[${mapIndex}]` : taskId);

function WhyLink({ link }: { link: DependencyLink }) {
  const t = useT();
  const { dag_id: dagId, run_id: runId, task_id: taskId, map_index: mapIndex, pool } = link;
  if (link.rel === "pool" && pool) {
    return <Link {...poolAddress(pool)}>{t("why.pool", { name: pool })}</Link>;
  }
  if (dagId && runId && taskId) {
    return (
      <Link {...taskAddress({ dagId, runId, taskId, mapIndex })}>
        {t("why.task", { task: instanceName(taskId, mapIndex), run: runId })}
      </Link>
    );
  }
  if (dagId && runId) return <Link {...runAddress(dagId, runId)}>{t("why.run", { run: runId })}</Link>;
  if (dagId) return <Link {...dagAddress(dagId)}>{t("why.dag", { dag: dagId })}</Link>;
  return <span>{taskId ?? pool}</span>;
}

function HolderLink({ holder }: { holder: Holder }) {
  const { dag_id: dagId, run_id: runId, task_id: taskId, map_index: mapIndex } = holder;
  if (!taskId) {
    return (
      <Link {...runAddress(dagId, runId)}>
        {dagId} · {runId}
      </Link>
    );
  }
  return (
    <Link {...taskAddress({ dagId, runId, taskId, mapIndex })}>
      {dagId} · {runId} · {instanceName(taskId, mapIndex)}
    </Link>
  );
}
