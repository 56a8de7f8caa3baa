import { useQuery } from "@tanstack/react-query";
import { dependenciesQuery, type TaskRef } from "@/api/work";
import { useT } from "@/catalogue/use";
import { Failed } from "@/parts/Failed";
import { Loading } from "@/parts/Loading";
import { Card } from "@/parts/Page";
import { Why } from "@/parts/why/Why";

/** Why a task is not running: each condition that is not met. */
export function Waiting({ taskRef }: { taskRef: TaskRef }) {
  const t = useT();
  const found = useQuery(dependenciesQuery(taskRef));
  if (found.error) return <Failed error={found.error} retry={() => void found.refetch()} />;
  return (
    <Card title={t("task.why")}>
      {found.isPending && <Loading lines={2} />}
      {found.data && (found.data.length > 0 ? <Why entries={found.data} /> : <p className="soft">{t("run.whyNothing")}</p>)}
    </Card>
  );
}
