import { useQuery } from "@tanstack/react-query";
import { clusterQuery, homeQuery } from "@/api/queries";
import type { ClusterMember } from "@/api/types";
import { useLocale, useT } from "@/catalogue/use";
import { beatAt, kindName } from "@/parts/component";
import { type Column, DataTable } from "@/parts/DataTable";
import { Failed } from "@/parts/Failed";
import { Icon } from "@/parts/Icon";
import { Loading } from "@/parts/Loading";
import { Card, Page } from "@/parts/Page";
import { Pools } from "@/screens/home/Pools";
import { useNow } from "@/time/clock";
import { Time } from "@/time/Time";
import { duration, relative } from "@/time/words";
import styles from "./Cluster.module.css";
import { workOf } from "./work";

/** Heartbeats make no events. */
const POLL = 5000;

/** The processes of the installation, one by one. */
export function Cluster() {
  const t = useT();
  const cluster = useQuery({ ...clusterQuery, refetchInterval: POLL });
  const home = useQuery({ ...homeQuery, refetchInterval: POLL });
  return (
    <Page title={t("cluster.title")}>
      {cluster.isPending && <Loading />}
      {cluster.error && <Failed error={cluster.error} retry={() => void cluster.refetch()} />}
      {cluster.data && (
        <Card title={t("cluster.processes")} actions={<span className="soft small">{t("cluster.lead")}</span>} flush>
          <Processes members={cluster.data.members} readAt={cluster.dataUpdatedAt} />
        </Card>
      )}
      {home.data && <Pools pools={home.data.pools} />}
    </Page>
  );
}

function Processes({ members, readAt }: { members: readonly ClusterMember[]; readAt: number }) {
  const t = useT();
  const locale = useLocale();
  const now = useNow();
  const columns: Column<ClusterMember>[] = [
    { id: "kind", head: t("cluster.kind"), fixed: true, cell: (one) => <strong>{kindName(one.kind, t)}</strong> },
    { id: "state", head: t("cluster.state"), cell: (one) => <State member={one} /> },
    {
      id: "beat",
      head: t("cluster.beat"),
      className: `numeric ${styles.beat}`,
      cell: (one) => {
        const beat = beatAt(one, readAt);
        return beat && relative(beat, new Date(Math.max(now, readAt)), locale);
      },
    },
    {
      id: "host",
      head: t("cluster.host"),
      cell: (one) => (
        <>
          <div translate="no">{one.hostname}</div>
          {one.pid !== null && <div className="soft small">{t("home.process", { pid: String(one.pid) })}</div>}
        </>
      ),
    },
    { id: "work", head: t("cluster.work"), cell: (one) => workOf(one, t) },
    { id: "queue", head: t("cluster.queue"), number: true, cell: (one) => one.queue },
    { id: "loop", head: t("cluster.loop"), number: true, cell: (one) => (one.loop_ms === null ? null : duration(one.loop_ms / 1000, locale)) },
    { id: "term", head: t("cluster.term"), number: true, cell: (one) => one.term },
    { id: "version", head: t("cluster.version"), cell: (one) => one.version },
    { id: "since", head: t("cluster.since"), cell: (one) => <Time value={one.start_date} show="relative" /> },
  ];
  return <DataTable label={t("cluster.processes")} name="processes" columns={columns} rows={members} idOf={(one) => String(one.id)} />;
}

function State({ member }: { member: ClusterMember }) {
  const t = useT();
  const stalled = member.role !== "lost" && !member.healthy && (member.stalled_seconds ?? 0) > 0;
  const words = () => {
    if (member.role === "lost") return t("cluster.lost");
    if (stalled) return t("cluster.stalled", { seconds: member.stalled_seconds ?? 0 });
    if (!member.healthy) return t("cluster.silent");
    return t(member.role === "standby" ? "cluster.standby" : "cluster.healthy");
  };
  return (
    <span className={styles.state} data-healthy={member.healthy}>
      <Icon name={member.healthy ? "check" : "close"} />
      {words()}
    </span>
  );
}
