import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { useConfig, useMay } from "@/api/config";
import { useT } from "@/catalogue/use";
import { Button } from "@/parts/Button";
import { type Column, DataTable } from "@/parts/DataTable";
import { Empty } from "@/parts/Empty";
import { Failed } from "@/parts/Failed";
import { CheckField } from "@/parts/fields";
import { Icon } from "@/parts/Icon";
import { DagLink } from "@/parts/links";
import { Loading } from "@/parts/Loading";
import { MoreRows } from "@/parts/MoreRows";
import { Card, Page } from "@/parts/Page";
import { SearchField } from "@/parts/SearchField";
import table from "@/parts/table.module.css";
import { Time } from "@/time/Time";
import styles from "./Assets.module.css";
import { AssetEvents } from "./AssetEvents";
import { EventDialog } from "./EventDialog";
import { type Asset, assetsQuery } from "./queries";

const route = getRouteApi("/app/assets");
const ORDER = "name";

/** Data that tasks write and DAGs wait for. */
export function Assets() {
  const t = useT();
  const may = useMay("OP");
  const { user } = useConfig();
  const why = may ? null : t("common.notAllowed", { role: user.role });
  const { search = "", sort = ORDER, all = false, asset: open } = route.useSearch();
  const navigate = route.useNavigate();
  const [updated, setUpdated] = useState<Asset | null>(null);
  const list = useInfiniteQuery(assetsQuery(search, sort, all));
  const rows = list.data?.pages.flatMap((page) => page.assets) ?? [];
  const total = list.data?.pages[0]?.total_entries ?? 0;
  const go = (change: { search?: string; sort?: string; all?: boolean; asset?: number }) => {
    const next = { search, sort, all, asset: open, ...change };
    const kept = Object.entries(next).filter(([key, value]) => value !== undefined && value !== "" && value !== false && !(key === "sort" && value === ORDER));
    void navigate({ search: Object.fromEntries(kept), replace: true, resetScroll: false });
  };
  const columns: Column<Asset>[] = [
    {
      id: "name",
      head: t("assets.name"),
      sort: ORDER,
      fixed: true,
      cell: (row) => (
        <button
          type="button"
          className={styles.open}
          aria-expanded={open === row.id}
          onClick={() => go({ asset: (open === row.id ? undefined : row.id) as number })}
        >
          <span className={open === row.id ? styles.turned : styles.turn}>
            <Icon name="down" />
          </span>
          <span translate="no">
            <strong>{row.name}</strong>
            {row.uri !== row.name && <span className={styles.uri}>{row.uri}</span>}
          </span>
        </button>
      ),
    },
    { id: "producers", head: t("assets.producers"), cell: (row) => <Tasks tasks={row.producing_tasks} /> },
    { id: "consumers", head: t("assets.consumers"), cell: (row) => <Consumers asset={row} /> },
    {
      id: "last",
      head: t("assets.lastEvent"),
      className: table.nowrap,
      cell: (row) => (row.last_asset_event?.timestamp ? <Time value={row.last_asset_event.timestamp} show="relative" /> : <span className="soft">{t("assets.never")}</span>),
    },
    {
      id: "acts",
      head: t("assets.acts"),
      acts: true,
      cell: (row) => (
        <Button icon="plus" why={why} onClick={() => setUpdated(row)}>
          {t("assets.createEvent")}
        </Button>
      ),
    },
  ];
  return (
    <Page title={t("assets.title")}>
      <p className="soft">{t("assets.hint")}</p>
      <div className={styles.tools}>
        <SearchField value={search} label={t("assets.search")} onChange={(text) => go({ search: text })} />
        <CheckField label={t("assets.all")} checked={all} onChange={(event) => go({ all: event.target.checked })} />
      </div>
      <Card flush>
        {list.error && <Failed error={list.error} retry={() => void list.refetch()} />}
        {list.isPending && <Loading />}
        {list.data && rows.length === 0 && (
          <Empty icon="assets" title={search ? t("keyed.nothing", { search }) : t("assets.empty")}>
            {!search && <p>{t("assets.emptyHint")}</p>}
          </Empty>
        )}
        {rows.length > 0 && (
          <DataTable
            label={t("assets.title")}
            name="assets"
            columns={columns}
            rows={rows}
            idOf={(row) => String(row.id)}
            order={sort}
            onOrder={(order) => go({ sort: order })}
            below={(row) => open === row.id && <AssetEvents asset={row} why={why} />}
          />
        )}
        {rows.length > 0 && rows.length < total && (
          <MoreRows shown={rows.length} total={total} more={() => void list.fetchNextPage()} busy={list.isFetchingNextPage} />
        )}
      </Card>
      {updated && <EventDialog asset={updated} onClose={() => setUpdated(null)} />}
    </Page>
  );
}

function Tasks({ tasks }: { tasks: readonly { dag_id: string; task_id: string }[] }) {
  return (
    <ul className={styles.names}>
      {tasks.map((task) => (
        <li key={`${task.dag_id} ${task.task_id}`}>
          <DagLink dagId={task.dag_id}>{task.dag_id}</DagLink>
          <span className="soft" translate="no">
            · {task.task_id}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** DAGs that its updates may start, then tasks that only read it. */
function Consumers({ asset }: { asset: Asset }) {
  const t = useT();
  return (
    <>
      <ul className={styles.names}>
        {asset.scheduled_dags.map((dag) => (
          <li key={dag.dag_id}>
            <DagLink dagId={dag.dag_id}>{dag.dag_id}</DagLink>
            <span className={styles.mark}>{t("assets.starts")}</span>
          </li>
        ))}
      </ul>
      <Tasks tasks={asset.consuming_tasks} />
    </>
  );
}
