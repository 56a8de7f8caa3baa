import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { unpausePreviewQuery } from "@/api/queries";
import type { UnpausePreview } from "@/api/types";
import { useT } from "@/catalogue/use";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Choices } from "@/parts/fields";
import { Icon } from "@/parts/Icon";
import { notify } from "@/parts/notices";
import { type BulkAct, perform, several, started, touched } from "./bulk";
import styles from "./Bulk.module.css";
import type { Chosen } from "./selection";

interface Props {
  act: BulkAct;
  chosen: readonly Chosen[];
  /** `true`: all of it is done. */
  onClose: (done: boolean) => void;
}

/** What became of a DAG: `null` while it waits or is at work. */
type Outcomes = ReadonlyMap<string, "done" | Error>;

/** The exact list of DAGs that will change, and what became of each. */
export function BulkDialog({ act, chosen, onClose }: Props) {
  const t = useT();
  const client = useQueryClient();
  const [dags] = useState(() => touched(act, chosen));
  const [fromNow, setFromNow] = useState(false);
  const [outcomes, setOutcomes] = useState<Outcomes>(new Map());
  const [running, setRunning] = useState(false);
  const [life] = useState(() => new AbortController());
  useEffect(() => () => life.abort(), [life]);
  const previews = usePreviews(act === "unpause" ? dags : []);
  const missed = started([...previews.values()]);
  const failed = [...outcomes.values()].filter((one) => one !== "done").length;
  const ended = outcomes.size > 0 && !running;
  const run = async () => {
    setRunning(true);
    let errors = 0;
    await several(dags, life.signal, async ({ dag_id }) => {
      const outcome = await perform(act, dag_id, fromNow).then(
        () => "done" as const,
        (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
      );
      if (outcome !== "done") errors += 1;
      setOutcomes((before) => new Map(before).set(dag_id, outcome));
    });
    setRunning(false);
    for (const key of ["dags", "dag", "home"]) void client.invalidateQueries({ queryKey: [key] });
    if (errors > 0 || life.signal.aborted) return;
    notify({ kind: "done", text: t(`dags.bulk.done.${act}`, { count: dags.length }) });
    onClose(true);
  };
  const kept = chosen.length - dags.length;
  return (
    <Dialog
      title={t(`dags.bulk.title.${act}`, { count: dags.length })}
      onClose={() => onClose(false)}
      actions={
        <>
          <Button onClick={() => onClose(ended && failed === 0)}>{t(ended ? "common.close" : "common.cancel")}</Button>
          {!ended && (
            <Button kind="main" busy={running} disabled={dags.length === 0} onClick={() => void run()} data-focus="">
              {t(`dags.bulk.do.${act}`, { count: dags.length })}
            </Button>
          )}
        </>
      }
    >
      <div className="stack">
        {kept > 0 && <p className="soft">{t(act === "pause" ? "dags.bulk.pausedAlready" : "dags.bulk.activeAlready", { count: kept })}</p>}
        {act === "unpause" && previews.size === dags.length && missed.count > 0 && (
          <>
            <p>{t(missed.exact ? "dags.bulk.starts" : "dags.bulk.startsMore", { count: missed.count })}</p>
            <Choices
              label={t("dags.unpauseChoice")}
              value={fromNow ? "now" : "all"}
              options={[
                { value: "all", label: t("dags.bulk.runMissed") },
                { value: "now", label: t("dags.unpauseFromNow") },
              ]}
              onChange={(value) => setFromNow(value === "now")}
            />
          </>
        )}
        {act === "trigger" && <p className="soft">{t("dags.bulk.triggerHint")}</p>}
        {failed > 0 && ended && (
          <p role="alert" className="error">
            {t("dags.bulk.failed", { count: failed })}
          </p>
        )}
        {dags.length > 0 && (
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a long list must be reachable to be scrolled
          <ul className={styles.list} tabIndex={0} aria-label={t("dags.bulk.list")}>
            {dags.map((dag) => (
              <Line key={dag.dag_id} dag={dag} outcome={outcomes.get(dag.dag_id)} preview={fromNow ? undefined : previews.get(dag.dag_id)} />
            ))}
          </ul>
        )}
      </div>
    </Dialog>
  );
}

function Line({ dag, outcome, preview }: { dag: Chosen; outcome: "done" | Error | undefined; preview: UnpausePreview | undefined }) {
  const t = useT();
  return (
    <li>
      <span className={styles.name} translate="no">
        {dag.dag_display_name}
      </span>
      {preview && preview.count > 0 && !outcome && (
        <span className="soft small">{t(preview.exact ? "dags.bulk.runs" : "dags.bulk.runsMore", { count: preview.count })}</span>
      )}
      {outcome === "done" && (
        <span className={styles.done}>
          <Icon name="check" />
          <span className="visually-hidden">{t("dags.bulk.ok")}</span>
        </span>
      )}
      {outcome instanceof Error && (
        <span className={styles.problem} translate="no">
          {outcome.message}
        </span>
      )}
    </li>
  );
}

/** What unpausing each DAG would start, as far as it is known. */
function usePreviews(dags: readonly Chosen[]): ReadonlyMap<string, UnpausePreview> {
  const client = useQueryClient();
  const found = useQuery({
    queryKey: ["dags", "previews", dags.map((dag) => dag.dag_id)],
    queryFn: async ({ signal }) => {
      const all = new Map<string, UnpausePreview>();
      await several(dags, signal, async ({ dag_id }) => {
        all.set(dag_id, await client.fetchQuery(unpausePreviewQuery(dag_id)));
      });
      return all;
    },
    enabled: dags.length > 0,
    staleTime: 0,
    gcTime: 0,
  });
  return found.data ?? new Map();
}
