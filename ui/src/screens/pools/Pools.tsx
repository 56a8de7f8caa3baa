import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Fragment, useEffect, useState } from "react";
import { api } from "@/api/client";
import { useConfig, useMay } from "@/api/config";
import { type Pool, poolsQuery } from "@/api/keyed";
import { useT } from "@/catalogue/use";
import { addPatch } from "@/live/rules";
import { Button, IconButton } from "@/parts/Button";
import { DeleteDialog } from "@/parts/DeleteDialog";
import { Empty } from "@/parts/Empty";
import { Failed } from "@/parts/Failed";
import { Icon } from "@/parts/Icon";
import { Loading } from "@/parts/Loading";
import { MoreRows } from "@/parts/MoreRows";
import { notify } from "@/parts/notices";
import { Card, Page } from "@/parts/Page";
import { SearchField } from "@/parts/SearchField";
import table from "@/parts/table.module.css";
import { PoolDialog } from "./PoolDialog";
import { PoolUse } from "./PoolUse";
import styles from "./Pools.module.css";
import { SlotsBar } from "./SlotsBar";

const route = getRouteApi("/app/pools");
export const DEFAULT_POOL = "default_pool";
const PAUSE = 1000;

export function Pools() {
  const t = useT();
  const client = useQueryClient();
  const may = useMay("OP");
  const { role } = useConfig().user;
  const { search = "", pool: open } = route.useSearch();
  const navigate = route.useNavigate();
  const list = useInfiniteQuery(poolsQuery(search));
  const [edited, setEdited] = useState<Pool | "new" | null>(null);
  const [deleted, setDeleted] = useState<string | null>(null);
  useSlotsLive();
  const remove = useMutation({
    mutationFn: (pool_name: string) => api.delete("/api/v2/pools/{pool_name}", { path: { pool_name } }),
    onSuccess: (_, name) => {
      notify({ kind: "done", text: t("pools.deleted", { name }) });
      void client.invalidateQueries({ queryKey: ["pools"] });
      setDeleted(null);
    },
  });
  const rows = list.data?.pages.flatMap((page) => page.rows) ?? [];
  const why = may ? null : t("common.notAllowed", { role });
  const toggle = (name: string) => {
    const next = { ...(search ? { search } : {}), ...(open === name ? {} : { pool: name }) };
    void navigate({ search: next, replace: true, resetScroll: false });
  };
  return (
    <Page
      title={t("pools.title")}
      actions={
        <Button kind="main" icon="plus" why={why} onClick={() => setEdited("new")}>
          {t("pools.add")}
        </Button>
      }
    >
      <SearchField value={search} label={t("pools.search")} onChange={(text) => void navigate({ search: text ? { search: text } : {}, replace: true })} />
      {list.error && <Failed error={list.error} retry={() => void list.refetch()} />}
      {list.isPending && <Loading />}
      {list.data && rows.length === 0 && <Empty icon="pools" title={search ? t("keyed.nothing", { search }) : t("pools.empty")} />}
      {rows.length > 0 && (
        <Card flush>
          <table className={table.table}>
            <thead>
              <tr>
                <th>{t("pools.name")}</th>
                <th className={styles.barColumn}>{t("pools.slots")}</th>
                <th className={table.number}>{t("pools.free")}</th>
                <th className={table.number}>{t("pools.waiting")}</th>
                <th>{t("keyed.description")}</th>
                <th>
                  <span className="visually-hidden">{t("keyed.acts")}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <Fragment key={row.name}>
                  <tr>
                    <td>
                      <button type="button" className={styles.open} aria-label={t("pools.use", { name: row.name })} aria-expanded={open === row.name} onClick={() => toggle(row.name)}>
                        <span className={open === row.name ? styles.turned : styles.turn}>
                          <Icon name="down" />
                        </span>
                        <strong translate="no">{row.name}</strong>
                      </button>
                    </td>
                    <td>
                      <SlotsBar pool={row} />
                    </td>
                    <td className={table.number}>{row.open_slots < 0 && row.slots < 0 ? t("pools.unbounded") : row.open_slots}</td>
                    <td className={table.number}>{row.scheduled_slots}</td>
                    <td translate="no">{row.description}</td>
                    <td className={table.acts}>
                      <div>
                        <IconButton icon="edit" label={t("keyed.editOne", { name: row.name })} why={why} onClick={() => setEdited(row)} />
                        <IconButton
                          icon="trash"
                          label={t("keyed.deleteOne", { name: row.name })}
                          why={why ?? (row.name === DEFAULT_POOL ? t("pools.keepDefault") : null)}
                          onClick={() => setDeleted(row.name)}
                        />
                      </div>
                    </td>
                  </tr>
                  {open === row.name && (
                    <tr className={styles.use}>
                      <td colSpan={6}>
                        <PoolUse pool={row.name} />
                      </td>
                    </tr>
                  )}
                </Fragment>
              ))}
            </tbody>
          </table>
          <MoreRows
            shown={rows.length}
            total={list.data?.pages[0]?.total ?? 0}
            more={list.hasNextPage ? () => void list.fetchNextPage() : null}
            busy={list.isFetchingNextPage}
          />
        </Card>
      )}
      {edited && <PoolDialog pool={edited === "new" ? null : edited} onClose={() => setEdited(null)} />}
      {deleted !== null && (
        <DeleteDialog
          title={t("pools.deleteTitle", { name: deleted })}
          hint={t("pools.deleteHint")}
          busy={remove.isPending}
          onDelete={() => remove.mutate(deleted)}
          onClose={() => setDeleted(null)}
        />
      )}
    </Page>
  );
}

/** Slots are taken and given back with the states of tasks. */
function useSlotsLive(): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const remove = addPatch((events, client) => {
      if (timer !== undefined || !events.some((event) => event.kind === "task_instance" || event.kind === "reset")) return;
      timer = setTimeout(() => {
        timer = undefined;
        void client.invalidateQueries({ queryKey: ["pools"] });
      }, PAUSE);
    });
    return () => {
      clearTimeout(timer);
      remove();
    };
  }, []);
}
