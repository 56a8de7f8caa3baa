import { getRouteApi, Link } from "@tanstack/react-router";
import { useT } from "@/catalogue/use";
import styles from "./Task.module.css";

export const tabs = ["log", "rendered", "xcom", "history", "mapped"] as const;
export type Tab = (typeof tabs)[number];

const route = getRouteApi("/app/dags/$dagId/runs/$runId/tasks/$taskId");

/** The parts of the task page. */
export function TabBar({ current, mapped }: { current: Tab; mapped: boolean }) {
  const t = useT();
  const params = route.useParams();
  const { map_index, try: number } = route.useSearch();
  const kept = { ...(map_index === undefined ? {} : { map_index }), ...(number === undefined ? {} : { try: number }) };
  return (
    <nav className={styles.tabs} aria-label={t("task.parts")}>
      {tabs
        .filter((tab) => tab !== "mapped" || mapped)
        .map((tab) => (
          <Link
            key={tab}
            to="/dags/$dagId/runs/$runId/tasks/$taskId"
            params={params}
            search={tab === "log" ? kept : { ...kept, tab }}
            replace
            resetScroll={false}
            className={`${styles.tab} ${tab === current ? styles.activeTab : ""}`}
            aria-current={tab === current ? "page" : undefined}
          >
            {t(`task.tabs.${tab}`)}
          </Link>
        ))}
    </nav>
  );
}
