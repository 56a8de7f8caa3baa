import { useQuery } from "@tanstack/react-query";
import { historyQuery, type TaskRef } from "@/api/work";
import { useT } from "@/catalogue/use";
import { type Column, DataTable } from "@/parts/DataTable";
import { Empty } from "@/parts/Empty";
import { Failed } from "@/parts/Failed";
import { Loading } from "@/parts/Loading";
import { Card } from "@/parts/Page";
import { StateBadge } from "@/parts/State";
import { Duration } from "@/time/Duration";
import { Time } from "@/time/Time";
import { useZones } from "@/time/viewer";
import { shown } from "@/time/zone";
import { because } from "./because";

/** The states a task went through, and why. */
export function History({ taskRef }: { taskRef: TaskRef }) {
  const t = useT();
  const zone = useZones().shown;
  const list = useQuery(historyQuery(taskRef));
  if (list.isPending) return <Loading />;
  if (list.error) return <Failed error={list.error} retry={() => void list.refetch()} />;
  if (list.data.length === 0) return <Empty title={t("task.noHistory")} />;
  // Events of the same moment have nothing else to be told apart by.
  const events = list.data.map((event, at) => ({ ...event, id: String(at), until: list.data[at + 1]?.at }));
  const columns: Column<(typeof events)[number]>[] = [
    { id: "at", head: t("task.at"), fixed: true, cell: (event) => <Time value={event.at} precision="second" show="absolute" /> },
    { id: "state", head: t("task.state"), cell: (event) => <StateBadge state={event.state} /> },
    { id: "lasted", head: t("task.lasted"), cell: (event) => event.until && <Duration start={event.at} end={event.until} /> },
    { id: "try", head: t("task.tryOf"), number: true, cell: (event) => event.try_number ?? "" },
    { id: "host", head: t("task.host"), className: "mono", cell: (event) => <span translate="no">{event.hostname}</span> },
    { id: "why", head: t("task.reason"), cell: (event) => because(event, { t, time: (value) => shown(new Date(value), zone, "second") }) },
  ];
  return (
    <Card flush>
      <DataTable label={t("task.tabs.history")} columns={columns} rows={events} idOf={(event) => event.id} />
    </Card>
  );
}
