import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { homeQuery } from "@/api/queries";
import type { Home as HomeData } from "@/api/types";
import { useT } from "@/catalogue/use";
import { Empty } from "@/parts/Empty";
import { Failed } from "@/parts/Failed";
import { Loading } from "@/parts/Loading";
import { Page } from "@/parts/Page";
import { Counts } from "./Counts";
import { Failures } from "./Failures";
import { Health } from "./Health";
import styles from "./Home.module.css";
import { ImportErrors } from "./ImportErrors";
import { NextRuns } from "./NextRuns";
import { Pools } from "./Pools";

/** Heartbeats and counts of the last 24 hours change without an event. */
const POLL = 10_000;

export function Home() {
  const t = useT();
  const home = useQuery({ ...homeQuery, refetchInterval: POLL });
  return (
    <Page title={t("home.title")}>
      {home.isPending && <Loading lines={8} />}
      {home.error && <Failed error={home.error} retry={() => void home.refetch()} />}
      {home.data && <Content home={home.data} readAt={home.dataUpdatedAt} />}
    </Page>
  );
}

function Content({ home, readAt }: { home: HomeData; readAt: number }) {
  return (
    <>
      <Counts counts={home.counts} />
      <FirstSteps home={home} />
      <div className={styles.columns}>
        <div className={styles.column}>
          <Failures failures={home.recent_failures} />
          <ImportErrors errors={home.import_errors} />
        </div>
        <div className={styles.column}>
          <Health components={home.components} readAt={readAt} />
          <NextRuns runs={home.next_runs} />
          <Pools pools={home.pools} />
        </div>
      </div>
    </>
  );
}

/** What a newcomer does next. */
function FirstSteps({ home }: { home: HomeData }) {
  const t = useT();
  const { dags_active, dags_paused } = home.counts;
  if (dags_active > 0) return null;
  const none = dags_paused === 0;
  return (
    <section className={styles.first}>
      <Empty icon="dags" title={t(none ? "home.noDags" : "home.noDagsPaused")}>
        <p>{t(none ? "home.noDagsHint" : "home.noDagsPausedHint")}</p>
        {!none && <Link to="/dags">{t("home.openDags")}</Link>}
      </Empty>
    </section>
  );
}
