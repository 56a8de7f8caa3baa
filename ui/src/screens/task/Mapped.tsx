import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { MAPPED_PAGE, mappedQuery, type TaskRef } from "@/api/work";
import { useT } from "@/catalogue/use";
import { Button } from "@/parts/Button";
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
        <table className={table.table}>
          <thead>
            <tr>
              <th>{t("task.index")}</th>
              <th>{t("task.state")}</th>
              <th className={table.number}>{t("task.tryOf")}</th>
              <th>{t("task.started")}</th>
              <th>{t("task.duration")}</th>
              <th>{t("task.host")}</th>
            </tr>
          </thead>
          <tbody>
            {list.data?.task_instances.map((one) => (
              <tr key={one.map_index}>
                <td translate="no">
                  <Link to="/dags/$dagId/runs/$runId/tasks/$taskId" params={params} search={{ map_index: one.map_index }} aria-current={one.map_index === taskRef.map_index ? "true" : undefined}>
                    {one.task_display_name} [{one.rendered_map_index ?? one.map_index}]
                  </Link>
                </td>
                <td>
                  <StateBadge state={one.state} />
                </td>
                <td className={table.number}>{one.try_number}</td>
                <td>
                  <Time value={one.start_date} precision="second" show="absolute" />
                </td>
                <td>
                  <Duration start={one.start_date} end={one.end_date} />
                </td>
                <td className="mono" translate="no">{one.hostname}</td>
              </tr>
            ))}
          </tbody>
        </table>
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
