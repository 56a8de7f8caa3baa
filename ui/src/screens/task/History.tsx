import { useQuery } from "@tanstack/react-query";
import { historyQuery, type TaskRef } from "@/api/work";
import { useT } from "@/catalogue/use";
import { Empty } from "@/parts/Empty";
import { Failed } from "@/parts/Failed";
import { Loading } from "@/parts/Loading";
import { Card } from "@/parts/Page";
import { StateBadge } from "@/parts/State";
import table from "@/parts/table.module.css";
import { Duration } from "@/time/Duration";
import { Time } from "@/time/Time";

/** The states a task went through, and why. */
export function History({ taskRef }: { taskRef: TaskRef }) {
  const t = useT();
  const list = useQuery(historyQuery(taskRef));
  if (list.isPending) return <Loading />;
  if (list.error) return <Failed error={list.error} retry={() => void list.refetch()} />;
  if (list.data.length === 0) return <Empty title={t("task.noHistory")} />;
  return (
    <Card flush>
      <table className={table.table}>
        <thead>
          <tr>
            <th>{t("task.at")}</th>
            <th>{t("task.state")}</th>
            <th>{t("task.lasted")}</th>
            <th className={table.number}>{t("task.tryOf")}</th>
            <th>{t("task.host")}</th>
            <th>{t("task.reason")}</th>
          </tr>
        </thead>
        <tbody>
          {list.data.map((event, index) => (
            // oxlint-disable-next-line react/no-array-index-key -- events of the same moment have nothing else
            <tr key={`${event.at} ${index}`}>
              <td>
                <Time value={event.at} precision="second" show="absolute" />
              </td>
              <td>
                <StateBadge state={event.state} />
              </td>
              <td>{list.data[index + 1] && <Duration start={event.at} end={list.data[index + 1]?.at} />}</td>
              <td className={table.number}>{event.try_number ?? ""}</td>
              <td className="mono" translate="no">{event.hostname}</td>
              <td translate="no">{event.why}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}
