import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { MAPPED_PAGE, mappedQuery, type TaskInstance, type TaskRef } from "@/api/work";
import { useT } from "@/catalogue/use";
import { Button } from "@/parts/Button";
import { type Column, DataTable } from "@/parts/DataTable";
import { Empty } from "@/parts/Empty";
import { Failed } from "@/parts/Failed";
import { SelectField } from "@/parts/fields";
import { Loading } from "@/parts/Loading";
import { Card } from "@/parts/Page";
import { StateBadge } from "@/parts/State";
import { states } from "@/parts/states";
import table from "@/parts/table.module.css";
import { Duration } from "@/time/Duration";
import { Time } from "@/time/Time";

const route = getRouteApi("/app/dags/$dagId/runs/$runId/tasks/$taskId");

/** All instances of a mapped task. */
export function Mapped({ taskRef }: { taskRef: TaskRef }) {
  const t = useT();
  const params = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [offset, setOffset] = useState(0);
  const state = search.state ?? "";
  const list = useQuery(mappedQuery(taskRef, { state, offset }));
  const total = list.data?.total_entries ?? 0;
  const filter = (value: string) => {
    const { state: _, ...rest } = search;
    setOffset(0);
    void navigate({ search: value === "" ? rest : { ...rest, state: value }, replace: true, resetScroll: false });
  };
  const columns: Column<TaskInstance>[] = [
    {
      id: "index",
      head: t("task.index"),
      fixed: true,
      cell: (one) => (
        <Link to="/dags/$dagId/runs/$runId/tasks/$taskId" params={params} search={{ map_index: one.map_index }} aria-current={one.map_index === taskRef.map_index ? "true" : undefined} translate="no">
          {one.task_display_name} [{one.rendered_map_index ?? one.map_index}]
        </Link>
      ),
    },
    { id: "state", head: t("task.state"), cell: (one) => <StateBadge state={one.state} /> },
    { id: "try", head: t("task.tryOf"), number: true, cell: (one) => one.try_number },
    { id: "started", head: t("task.started"), cell: (one) => <Time value={one.start_date} precision="second" show="absolute" /> },
    { id: "duration", head: t("task.duration"), number: true, cell: (one) => <Duration start={one.start_date} end={one.end_date} /> },
    { id: "host", head: t("task.host"), className: "mono", cell: (one) => <span translate="no">{one.hostname}</span> },
  ];
  return (
    <Card
      title={t("task.instances", { count: total })}
      flush
      actions={
        <SelectField
          label={t("task.state")}
          bare
          value={state}
          options={[{ value: "", label: t("task.anyState") }, ...states.map((value) => ({ value, label: t(`state.${value}`) }))]}
          onChange={(event) => filter(event.target.value)}
        />
      }
    >
      {list.isPending && <Loading />}
      {list.error && <Failed error={list.error} retry={() => void list.refetch()} />}
      {list.data && total === 0 && <Empty title={t("task.noInstances")} />}
      {total > 0 && (
        <DataTable label={t("task.instances", { count: total })} name="mapped" columns={columns} rows={list.data?.task_instances ?? []} idOf={(one) => String(one.map_index)} />
      )}
      {total > MAPPED_PAGE && (
        <div className={table.foot}>
          <span className="numeric">{t("task.page", { from: offset + 1, to: Math.min(offset + MAPPED_PAGE, total), total })}</span>
          <span className="row">
            <Button icon="back" disabled={offset === 0} onClick={() => setOffset(Math.max(0, offset - MAPPED_PAGE))}>
              {t("task.earlier")}
            </Button>
            <Button disabled={offset + MAPPED_PAGE >= total} onClick={() => setOffset(offset + MAPPED_PAGE)}>
              {t("task.later")}
            </Button>
          </span>
        </div>
      )}
    </Card>
  );
}
