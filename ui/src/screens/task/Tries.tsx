import { getRouteApi, Link } from "@tanstack/react-router";
import type { TaskTry } from "@/api/work";
import { useT } from "@/catalogue/use";
import { StateIcon } from "@/parts/State";
import { known } from "@/parts/states";
import styles from "./Task.module.css";

const route = getRouteApi("/app/dags/$dagId/runs/$runId/tasks/$taskId");

/** The tries of a task, each a way to its log. */
export function Tries({ tries, shown }: { tries: readonly TaskTry[]; shown: number }) {
  const t = useT();
  const params = route.useParams();
  const { map_index, tab } = route.useSearch();
  const kept = { ...(map_index === undefined ? {} : { map_index }), ...(tab === undefined ? {} : { tab }) };
  return (
    <nav className={styles.tries} aria-label={t("task.tries")}>
      {tries.map((one) => (
        <Link
          key={one.try_number}
          to="/dags/$dagId/runs/$runId/tasks/$taskId"
          params={params}
          search={{ ...kept, try: one.try_number }}
          replace
          resetScroll={false}
          className={`${styles.try} ${one.try_number === shown ? styles.activeTry : ""}`}
          aria-current={one.try_number === shown ? "true" : undefined}
          aria-label={`${t("task.try", { n: one.try_number })}, ${t(`state.${known(one.state)}`)}`}
        >
          <StateIcon state={one.state} />
          {t("task.try", { n: one.try_number })}
        </Link>
      ))}
    </nav>
  );
}
