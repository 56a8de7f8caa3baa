import { getRouteApi } from "@tanstack/react-router";
import { useEffect } from "react";
import { api } from "@/api/client";
import { type Pool, poolsQuery } from "@/api/keyed";
import { useT } from "@/catalogue/use";
import { addPatch } from "@/live/rules";
import type { Column } from "@/parts/DataTable";
import { Icon } from "@/parts/Icon";
import { KeyedScreen } from "@/screens/keyed/KeyedScreen";
import { PoolDialog } from "./PoolDialog";
import { PoolUse } from "./PoolUse";
import styles from "./Pools.module.css";
import { SlotsBar } from "./SlotsBar";

const route = getRouteApi("/app/pools");
export const DEFAULT_POOL = "default_pool";
const ORDER = "name";
const PAUSE = 1000;

export function Pools() {
  const t = useT();
  const { pool: open, ...place } = route.useSearch();
  const navigate = route.useNavigate();
  useSlotsLive();
  const toggle = (pool: string) => void navigate({ search: { ...place, ...(open === pool ? {} : { pool }) }, replace: true, resetScroll: false });
  const columns: Column<Pool>[] = [
    { id: "name", head: t("pools.name"), sort: ORDER, cell: (row) => row.name },
    { id: "slots", head: t("pools.slots"), className: styles.barColumn, cell: (row) => <SlotsBar pool={row} /> },
    { id: "free", head: t("pools.free"), number: true, cell: (row) => (row.open_slots < 0 && row.slots < 0 ? t("pools.unbounded") : row.open_slots) },
    { id: "waiting", head: t("pools.waiting"), number: true, cell: (row) => row.scheduled_slots },
    { id: "description", head: t("keyed.description"), cell: (row) => <span translate="no">{row.description}</span> },
  ];
  return (
    <KeyedScreen
      noun="pools"
      secret={false}
      query={poolsQuery(place.search ?? "", place.sort ?? ORDER)}
      place={place}
      go={(search) => void navigate({ search: { ...search, ...(open ? { pool: open } : {}) }, replace: true })}
      order={ORDER}
      idOf={(row) => row.name}
      columns={columns}
      remove={(pool_name) => api.delete("/api/v2/pools/{pool_name}", { path: { pool_name } })}
      keep={(row) => (row.name === DEFAULT_POOL ? t("pools.keepDefault") : null)}
      editor={(pool, close) => <PoolDialog pool={pool} onClose={close} />}
      opener={(row) => (
        <button type="button" className={styles.open} aria-label={t("pools.use", { name: row.name })} aria-expanded={open === row.name} onClick={() => toggle(row.name)}>
          <span className={open === row.name ? styles.turned : styles.turn}>
            <Icon name="down" />
          </span>
          <strong translate="no">{row.name}</strong>
        </button>
      )}
      below={(row) => open === row.name && <PoolUse pool={row.name} />}
    />
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
