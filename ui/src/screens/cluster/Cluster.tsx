import { useQuery } from "@tanstack/react-query";
import { homeQuery } from "@/api/queries";
import type { Component } from "@/api/types";
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
import { relative } from "@/time/words";
import styles from "./Cluster.module.css";

/** Heartbeats make no events. */
const POLL = 5000;

/** The processes of the installation, one by one. */
export function Cluster() {
  const t = useT();
  const home = useQuery({ ...homeQuery, refetchInterval: POLL });
  return (
    <Page title={t("cluster.title")}>
      {home.isPending && <Loading />}
      {home.error && <Failed error={home.error} retry={() => void home.refetch()} />}
      {home.data && (
        <>
          <Card title={t("cluster.processes")} actions={<span className="soft small">{t("cluster.lead")}</span>} flush>
            <Processes components={home.data.components} readAt={home.dataUpdatedAt} />
          </Card>
          <Pools pools={home.data.pools} />
        </>
      )}
    </Page>
  );
}

function Processes({ components, readAt }: { components: readonly Component[]; readAt: number }) {
  const t = useT();
  const locale = useLocale();
  const now = useNow();
  const columns: Column<Component>[] = [
    { id: "kind", head: t("cluster.kind"), fixed: true, cell: (one) => <strong>{kindName(one.kind, t)}</strong> },
    {
      id: "state",
      head: t("cluster.state"),
      cell: (one) => (
        <span className={styles.state} data-healthy={one.healthy}>
          <Icon name={one.healthy ? "check" : "close"} />
          {t(one.healthy ? "cluster.healthy" : "cluster.lost")}
        </span>
      ),
    },
    {
      id: "beat",
      head: t("cluster.beat"),
      className: "numeric",
      cell: (one) => {
        const beat = beatAt(one, readAt);
        return beat && relative(beat, new Date(Math.max(now, readAt)), locale);
      },
    },
    { id: "host", head: t("cluster.host"), cell: (one) => <span translate="no">{one.hostname}</span> },
    { id: "pid", head: t("cluster.pid"), number: true, cell: (one) => one.pid },
    { id: "version", head: t("cluster.version"), cell: (one) => one.version },
    { id: "since", head: t("cluster.since"), cell: (one) => <Time value={one.since} /> },
  ];
  return <DataTable label={t("cluster.processes")} name="processes" columns={columns} rows={components} idOf={(one) => `${one.kind} ${one.id}`} />;
}
