import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "@/api/client";
import { useConfig, useMay } from "@/api/config";
import { type TaskRef, xcomQuery, xcomsQuery } from "@/api/work";
import { useLocale, useT } from "@/catalogue/use";
import { IconButton } from "@/parts/Button";
import { CopyButton } from "@/parts/CopyButton";
import { DeleteDialog } from "@/parts/DeleteDialog";
import { Empty } from "@/parts/Empty";
import { Failed } from "@/parts/Failed";
import { JsonTree } from "@/parts/JsonTree";
import { Loading } from "@/parts/Loading";
import { notify } from "@/parts/notices";
import { Time } from "@/time/Time";
import { bytes } from "./log/words";
import styles from "./Task.module.css";

/** What a task has left for others. */
export function XComs({ taskRef }: { taskRef: TaskRef }) {
  const t = useT();
  const list = useQuery(xcomsQuery(taskRef));
  if (list.isPending) return <Loading />;
  if (list.error) return <Failed error={list.error} retry={() => void list.refetch()} />;
  if (list.data.length === 0) return <Empty title={t("task.noXcom")}>{t("task.noXcomHint")}</Empty>;
  return (
    <div className="stack">
      {list.data.map((entry) => (
        <XCom key={entry.key} taskRef={taskRef} name={entry.key} at={entry.timestamp} />
      ))}
    </div>
  );
}

function XCom({ taskRef, name, at }: { taskRef: TaskRef; name: string; at: string }) {
  const t = useT();
  const locale = useLocale();
  const client = useQueryClient();
  const may = useMay("USER");
  const { role } = useConfig().user;
  const [asking, setAsking] = useState(false);
  const entry = useQuery(xcomQuery(taskRef, name));
  const remove = useMutation({
    mutationFn: () =>
      api.delete("/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/xcomEntries/{xcom_key}", {
        path: { dag_id: taskRef.dag_id, dag_run_id: taskRef.run_id, task_id: taskRef.task_id, xcom_key: name },
        query: { map_index: taskRef.map_index },
      }),
    onSuccess: () => {
      notify({ kind: "done", text: t("task.xcomDeleted", { key: name }) });
      setAsking(false);
      void client.invalidateQueries({ queryKey: xcomsQuery(taskRef).queryKey });
    },
  });
  const text = entry.data === undefined ? "" : JSON.stringify(entry.data.value, null, 2);
  const compact = entry.data === undefined ? "" : JSON.stringify(entry.data.value);
  return (
    <section className={styles.field}>
      <header>
        <h2 className="mono" translate="no">{name}</h2>
        <span className="row">
          <span className="soft small">
            {entry.data && bytes(new TextEncoder().encode(compact).length, locale)} · <Time value={at} />
          </span>
          <CopyButton text={text} />
          <IconButton icon="trash" label={t("keyed.deleteOne", { name })} why={may ? null : t("common.notAllowed", { role })} onClick={() => setAsking(true)} />
        </span>
      </header>
      {entry.isPending && <Loading lines={1} />}
      {entry.error && <Failed error={entry.error} retry={() => void entry.refetch()} />}
      {entry.data && <JsonTree value={entry.data.value} />}
      {asking && (
        <DeleteDialog
          title={t("task.deleteXcom", { key: name })}
          hint={t("task.deleteXcomHint")}
          busy={remove.isPending}
          onDelete={() => remove.mutate()}
          onClose={() => setAsking(false)}
        />
      )}
    </section>
  );
}
