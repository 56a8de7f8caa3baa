import { useQuery } from "@tanstack/react-query";
import { homeQuery } from "@/api/queries";
import type { Component } from "@/api/types";
import { useLocale, useT } from "@/catalogue/use";
import { beatAt, kindName } from "@/parts/component";
import { Failed } from "@/parts/Failed";
import { Icon } from "@/parts/Icon";
import { Loading } from "@/parts/Loading";
import { Card, Page } from "@/parts/Page";
import table from "@/parts/table.module.css";
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
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th scope="col">{t("cluster.kind")}</th>
          <th scope="col">{t("cluster.state")}</th>
          <th scope="col">{t("cluster.beat")}</th>
          <th scope="col">{t("cluster.host")}</th>
          <th scope="col">{t("cluster.pid")}</th>
          <th scope="col">{t("cluster.version")}</th>
          <th scope="col">{t("cluster.since")}</th>
        </tr>
      </thead>
      <tbody>
        {components.map((one) => {
          const beat = beatAt(one, readAt);
          return (
            <tr key={`${one.kind} ${one.id}`}>
              <th scope="row">{kindName(one.kind, t)}</th>
              <td>
                <span className={styles.state} data-healthy={one.healthy}>
                  <Icon name={one.healthy ? "check" : "close"} />
                  {t(one.healthy ? "cluster.healthy" : "cluster.lost")}
                </span>
              </td>
              <td className="numeric">{beat && relative(beat, new Date(Math.max(now, readAt)), locale)}</td>
              <td translate="no">{one.hostname}</td>
              <td className="numeric">{one.pid}</td>
              <td>{one.version}</td>
              <td>
                <Time value={one.since} />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
