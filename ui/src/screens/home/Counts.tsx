import { Link } from "@tanstack/react-router";
import type { HomeCount } from "@/api/types";
import { useLocale, useT } from "@/catalogue/use";
import { Icon, type IconName } from "@/parts/Icon";
import { StateIcon } from "@/parts/State";
import type { DagFilters } from "@/screens/dags/filters";
import styles from "./Counts.module.css";

interface Tile {
  count: HomeCount;
  words: string;
  state?: string;
  icon?: IconName;
  search: DagFilters;
}

/** Counts that are links to what they count. */
export function Counts({ counts }: { counts: Record<HomeCount, number> }) {
  const t = useT();
  const groups: { title: string; tiles: Tile[] }[] = [
    {
      title: t("home.runs"),
      tiles: [
        { count: "runs_running", words: t("home.running"), state: "running", search: { last_run_state: "running" } },
        { count: "runs_queued", words: t("home.queued"), state: "queued", search: { last_run_state: "queued" } },
        { count: "runs_failed_24h", words: t("home.failed24h"), state: "failed", search: { last_run_state: "failed" } },
        { count: "runs_success_24h", words: t("home.success24h"), state: "success", search: { last_run_state: "success" } },
      ],
    },
    {
      title: t("home.tasks"),
      tiles: [
        { count: "tasks_running", words: t("home.running"), state: "running", search: { last_run_state: "running" } },
        { count: "tasks_queued", words: t("home.queued"), state: "queued", search: { last_run_state: "running" } },
        { count: "tasks_failed_24h", words: t("home.failed24h"), state: "failed", search: { last_run_state: "failed" } },
      ],
    },
    {
      title: t("home.dags"),
      tiles: [
        { count: "dags_active", words: t("home.active"), icon: "play", search: { paused: "false" } },
        { count: "dags_paused", words: t("home.paused"), icon: "pause", search: { paused: "true" } },
        {
          count: "import_errors",
          words: t("home.importErrors", { count: counts.import_errors }),
          icon: "error",
          search: { has_import_errors: true },
        },
      ],
    },
  ];
  return (
    <div className={styles.groups}>
      {groups.map((group) => (
        <section key={group.title} className={styles.group}>
          <h2>{group.title}</h2>
          <ul className={styles.tiles}>
            {group.tiles.map((tile) => (
              <li key={tile.count}>
                <CountTile tile={tile} value={counts[tile.count]} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function CountTile({ tile, value }: { tile: Tile; value: number }) {
  const locale = useLocale();
  const alarming = value > 0 && (tile.state === "failed" || tile.count === "import_errors");
  const content = (
    <>
      <span className={styles.number}>
        {tile.state ? <StateIcon state={tile.state} /> : tile.icon && <Icon name={tile.icon} />}
        {value.toLocaleString(locale)}
      </span>
      <span className={styles.words}>{tile.words}</span>
    </>
  );
  const className = `${styles.tile} ${alarming ? styles.alarming : ""} ${value === 0 ? styles.zero : ""}`;
  if (tile.count === "import_errors") {
    return (
      <Link to={"/import-errors" as "/"} className={className}>
        {content}
      </Link>
    );
  }
  return (
    <Link to="/dags" search={tile.search} className={className}>
      {content}
    </Link>
  );
}
