import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "@/api/client";
import { useT } from "@/catalogue/use";
import { Button } from "@/parts/Button";
import { Failed } from "@/parts/Failed";
import { DagLink, RunLink, TaskLink } from "@/parts/links";
import { Loading } from "@/parts/Loading";
import { notify } from "@/parts/notices";
import { Time } from "@/time/Time";
import styles from "./Assets.module.css";
import { type Asset, type AssetEvent, assetEventsQuery, queuedQuery } from "./queries";

/** The newest events of an asset, what they started, and for whom it is queued. */
export function AssetEvents({ asset, why }: { asset: Asset; why: string | null }) {
  const t = useT();
  const events = useQuery(assetEventsQuery(asset.id));
  return (
    <div className={styles.lists}>
      <section>
        <h2>{t("assets.events")}</h2>
        {events.isPending && <Loading lines={2} />}
        {events.error && <Failed error={events.error} retry={() => void events.refetch()} />}
        {events.data?.total_entries === 0 && <p className="soft">{t("assets.noEvents")}</p>}
        <ul className={styles.events}>
          {events.data?.asset_events.map((event) => (
            <li key={event.id}>
              <Time value={event.timestamp} /> <Source event={event} />
              {Object.keys(event.extra ?? {}).length > 0 && <code className={styles.extra}>{JSON.stringify(event.extra)}</code>}
              {event.created_dagruns.map((run) => (
                <span key={`${run.dag_id} ${run.run_id}`}>
                  → <RunLink dagId={run.dag_id} runId={run.run_id}>{run.dag_id}</RunLink>
                </span>
              ))}
            </li>
          ))}
        </ul>
        {events.data && events.data.total_entries > events.data.asset_events.length && (
          <p className="soft small">{t("assets.moreEvents", { count: events.data.total_entries - events.data.asset_events.length })}</p>
        )}
      </section>
      <Queue asset={asset} why={why} />
    </div>
  );
}

function Source({ event }: { event: AssetEvent }) {
  const t = useT();
  const { source_dag_id: dagId, source_run_id: runId, source_task_id: taskId, source_map_index: mapIndex } = event;
  if (!dagId || !runId || !taskId) return <span className="soft">{t("assets.byHand")}</span>;
  return (
    <TaskLink dagId={dagId} runId={runId} taskId={taskId} mapIndex={mapIndex}>
      {dagId} · {taskId}
    </TaskLink>
  );
}

/** DAGs that wait for more than this asset. */
function Queue({ asset, why }: { asset: Asset; why: string | null }) {
  const t = useT();
  const client = useQueryClient();
  const queue = useQuery(queuedQuery(asset.id));
  const forget = useMutation({
    mutationFn: (dag_id: string) => api.delete("/api/v2/dags/{dag_id}/assets/{asset_id}/queuedEvents", { path: { dag_id, asset_id: String(asset.id) } }),
    onSuccess: (_, dag_id) => {
      notify({ kind: "done", text: t("assets.forgotten", { dag: dag_id }) });
      void client.invalidateQueries({ queryKey: ["assets"] });
      void client.invalidateQueries({ queryKey: ["dag", dag_id] });
    },
  });
  return (
    <section>
      <h2>{t("assets.queue")}</h2>
      {queue.isPending && <Loading lines={2} />}
      {queue.error && <Failed error={queue.error} retry={() => void queue.refetch()} />}
      {queue.data?.total_entries === 0 && <p className="soft">{t("assets.noQueue")}</p>}
      <ul className={styles.events}>
        {queue.data?.queued_events.map((event) => (
          <li key={event.dag_id}>
            <DagLink dagId={event.dag_id}>{event.dag_display_name}</DagLink>
            <span className="soft small">
              {t("assets.since")} <Time value={event.created_at} show="relative" />
            </span>
            <Button icon="trash" why={why} busy={forget.isPending && forget.variables === event.dag_id} onClick={() => forget.mutate(event.dag_id)}>
              {t("assets.forget")}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
