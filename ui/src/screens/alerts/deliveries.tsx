import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useT } from "@/catalogue/use";
import type { Translate } from "@/catalogue/translate";
import type { Column } from "@/parts/DataTable";
import { Icon, type IconName } from "@/parts/Icon";
import { Time } from "@/time/Time";
import styles from "./Alerts.module.css";
import type { Delivery, DeliveryState, Recipient } from "./queries";

const icons: Record<DeliveryState, IconName> = { waiting: "time", held: "pause", sending: "play", sent: "check", grouped: "menu", failed: "error" };

/** The columns of the list of what was told. */
export function deliveryColumns(t: Translate, retry: (row: Delivery) => ReactNode): Column<Delivery>[] {
  return [
    {
      id: "state",
      head: t("alerts.state"),
      fixed: true,
      cell: (row) => (
        <>
          <span className={`${styles.state} ${styles[row.state]}`}>
            <Icon name={icons[row.state]} />
            {t(`alerts.states.${row.state}`)}
          </span>
          {row.tries > 1 && <div className="soft small">{t("alerts.tries", { count: row.tries })}</div>}
        </>
      ),
    },
    { id: "what", head: t("alerts.what"), fixed: true, cell: (row) => <What row={row} /> },
    {
      id: "to",
      head: t("alerts.to"),
      cell: (row) => (
        <>
          <div translate="no">{row.channel}</div>
          <Recipients list={row.recipients} />
        </>
      ),
    },
    {
      id: "when",
      head: t("alerts.when"),
      cell: (row) => (
        <>
          <Time value={row.sent_at ?? row.created_at} />
          {row.next_try_at && row.state === "waiting" && (
            <div className="soft small">
              {t("alerts.nextTry")} <Time value={row.next_try_at} show="relative" />
            </div>
          )}
        </>
      ),
    },
    { id: "acts", head: t("keyed.acts"), acts: true, cell: (row) => (row.state === "failed" || row.state === "waiting") && retry(row) },
  ];
}

function What({ row }: { row: Delivery }) {
  const t = useT();
  return (
    <>
      <div translate={row.subject ? "no" : undefined}>{row.subject ?? kindWords(row.kind, t)}</div>
      <div className={styles.where}>
        <span>{kindWords(row.kind, t)}</span>
        <span translate="no">
          <Where row={row} />
        </span>
        {row.grouped_count > 1 && <span>{t("alerts.grouped", { count: row.grouped_count })}</span>}
      </div>
      {row.last_error && row.state !== "sent" && (
        <p className={styles.error} translate="no">
          {row.last_error}
        </p>
      )}
    </>
  );
}

function Recipients({ list }: { list: readonly Recipient[] }) {
  const t = useT();
  if (list.length === 0) return null;
  return (
    <ul className={styles.recipients} translate="no">
      {list.map((one) => (
        <li key={one.address} className={one.state === "refused" ? styles.refused : ""}>
          {one.address}
          {one.state === "refused" && ` (${t("alerts.refused")}${one.error ? `: ${one.error}` : ""})`}
        </li>
      ))}
    </ul>
  );
}

function Where({ row }: { row: Delivery }) {
  const { dag_id: dagId, run_id: runId, task_id: taskId } = row;
  if (!dagId) return null;
  if (runId && taskId) {
    const map = row.map_index !== null && row.map_index >= 0 ? row.map_index : null;
    return (
      <Link
        to="/dags/$dagId/runs/$runId/tasks/$taskId"
        params={{ dagId, runId, taskId }}
        search={{ ...(map === null ? {} : { map_index: map }), ...(row.try_number ? { try: row.try_number } : {}) }}
      >
        {dagId} · {taskId}
        {map !== null && ` [${map}]`}
      </Link>
    );
  }
  if (runId) {
    return (
      <Link to={"/dags/$dagId/runs/$runId" as "/dags/$dagId/runs/$runId/tasks/$taskId"} params={{ dagId, runId } as { dagId: string; runId: string; taskId: string }}>
        {dagId} · {runId}
      </Link>
    );
  }
  return <span>{dagId}</span>;
}

/** What happened that somebody is told of. */
export function kindWords(kind: string, t: Translate): string {
  switch (kind) {
    case "task_success":
    case "task_failure":
    case "task_retry":
    case "run_success":
    case "run_failure":
    case "run_late":
    case "run_never_started":
    case "digest":
    case "message":
    case "test":
      return t(`alerts.kinds.${kind}`);
    default:
      return kind;
  }
}
