import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useConfig } from "@/api/config";
import { dagsQuery } from "@/api/queries";
import { useT } from "@/catalogue/use";
import { Button } from "@/parts/Button";
import { Empty } from "@/parts/Empty";
import { Failed } from "@/parts/Failed";
import { Loading } from "@/parts/Loading";
import { Page } from "@/parts/Page";
import { DagTable } from "./DagTable";
import styles from "./Dags.module.css";
import { FilterBar } from "./FilterBar";
import { asQuery, isFiltered } from "./filters";
import { SelectionBar } from "./SelectionBar";
import { useSelection } from "./selection";

const route = getRouteApi("/app/dags");

export function Dags() {
  const t = useT();
  const filters = route.useSearch();
  const navigate = route.useNavigate();
  const { hide_paused_dags_by_default = false } = useConfig();
  const query = asQuery(filters, hide_paused_dags_by_default);
  // While other filters are on their way the list stays as it was.
  const first = useQuery({ ...dagsQuery(query), placeholderData: (before) => before });
  const total = first.data?.total_entries ?? 0;
  const selection = useSelection(query, total);
  return (
    <Page title={t("dags.title")} actions={first.data && <span className="soft numeric">{t("dags.count", { count: total })}</span>}>
      <FilterBar filters={filters} change={(change) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true })} />
      {first.isPending && <Loading lines={10} />}
      {first.error && <Failed error={first.error} retry={() => void first.refetch()} />}
      {first.data && total > 0 && (
        <DagTable
          selection={selection}
          query={query}
          total={total}
          order={filters.order_by}
          sort={(order) => void navigate({ search: (before) => ({ ...before, order_by: order === "dag_display_name" ? undefined : order }) })}
          dimmed={first.isPlaceholderData}
        />
      )}
      {selection.chosen.size > 0 && <SelectionBar selection={selection} total={total} />}
      {first.data && total === 0 && (
        <div className={styles.frame}>
          {isFiltered(filters) ? (
            <Empty icon="search" title={t("dags.nothing")}>
              <p>{t("dags.nothingHint")}</p>
              <Button onClick={() => void navigate({ search: {} })}>{t("common.clearFilters")}</Button>
            </Empty>
          ) : (
            <Empty icon="dags" title={t("home.noDags")}>
              <p>{t("home.noDagsHint")}</p>
            </Empty>
          )}
        </div>
      )}
    </Page>
  );
}
