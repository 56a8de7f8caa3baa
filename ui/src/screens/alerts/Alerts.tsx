import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { useConfig, useMay } from "@/api/config";
import { useT } from "@/catalogue/use";
import { Button } from "@/parts/Button";
import { DataTable } from "@/parts/DataTable";
import { Empty } from "@/parts/Empty";
import { Failed } from "@/parts/Failed";
import { SelectField } from "@/parts/fields";
import { Loading } from "@/parts/Loading";
import { MoreRows } from "@/parts/MoreRows";
import { notify } from "@/parts/notices";
import { Card, Page } from "@/parts/Page";
import table from "@/parts/table.module.css";
import { Channels } from "./Channels";
import { deliveryColumns } from "./deliveries";
import { channelsQuery, deliveriesQuery, deliveryStates, retryDelivery } from "./queries";
import { TestDialog } from "./TestDialog";

const route = getRouteApi("/app/alerts");

export function Alerts() {
  const t = useT();
  const client = useQueryClient();
  const may = useMay("OP");
  const { role } = useConfig().user;
  const why = may ? null : t("common.notAllowed", { role });
  const filters = route.useSearch();
  const navigate = route.useNavigate();
  const list = useInfiniteQuery(deliveriesQuery(filters));
  const channels = useQuery(channelsQuery);
  const [tested, setTested] = useState<string | null>(null);
  const retry = useMutation({
    mutationFn: retryDelivery,
    onSuccess: () => {
      notify({ kind: "done", text: t("alerts.retried") });
      void client.invalidateQueries({ queryKey: ["alerts"] });
    },
  });
  const rows = list.data?.pages.flatMap((page) => page.deliveries) ?? [];
  const filtered = filters.state !== undefined || filters.channel !== undefined;
  const filter = (change: { state?: string; channel?: string }) => {
    const next = Object.fromEntries(Object.entries({ ...filters, ...change }).filter(([, value]) => value));
    void navigate({ search: next, replace: true });
  };
  return (
    <Page
      title={t("alerts.title")}
      actions={
        <Button icon="alerts" why={why} onClick={() => setTested(channels.data?.[0]?.name ?? "email")}>
          {t("alerts.test")}
        </Button>
      }
    >
      <Channels list={channels.data} pending={channels.isPending} error={channels.error} retry={() => void channels.refetch()} why={why} onTest={setTested} />
      <Card
        title={t("alerts.deliveries")}
        flush
        actions={
          <div className={table.tools}>
            <SelectField
              label={t("alerts.state")}
              bare
              value={filters.state ?? ""}
              options={[{ value: "", label: t("alerts.anyState") }, ...deliveryStates.map((value) => ({ value, label: t(`alerts.states.${value}`) }))]}
              onChange={(event) => filter({ state: event.target.value })}
            />
            <SelectField
              label={t("alerts.channel")}
              bare
              value={filters.channel ?? ""}
              options={[{ value: "", label: t("alerts.anyChannel") }, ...(channels.data ?? []).map(({ name }) => ({ value: name, label: name }))]}
              onChange={(event) => filter({ channel: event.target.value })}
            />
          </div>
        }
      >
        {list.error && <Failed error={list.error} retry={() => void list.refetch()} />}
        {list.isPending && <Loading />}
        {list.data && rows.length === 0 && (
          <Empty icon="alerts" title={t(filtered ? "alerts.noneFiltered" : "alerts.empty")}>
            {!filtered && <p>{t("alerts.emptyHint")}</p>}
          </Empty>
        )}
        {rows.length > 0 && (
          <>
            <DataTable
              label={t("alerts.deliveries")}
              name="deliveries"
              columns={deliveryColumns(t, (row) => (
                <Button icon="refresh" why={why} busy={retry.isPending && retry.variables === row.id} onClick={() => retry.mutate(row.id)}>
                  {t("alerts.retry")}
                </Button>
              ))}
              rows={rows}
              idOf={(row) => String(row.id)}
            />
            <MoreRows
              shown={rows.length}
              total={list.data?.pages[0]?.total_entries ?? rows.length}
              more={list.hasNextPage ? () => void list.fetchNextPage() : null}
              busy={list.isFetchingNextPage}
            />
          </>
        )}
      </Card>
      {tested !== null && <TestDialog channels={channels.data ?? []} initial={tested} onClose={() => setTested(null)} />}
    </Page>
  );
}
