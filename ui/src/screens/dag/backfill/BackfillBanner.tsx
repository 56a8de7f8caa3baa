import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { activeBackfillQuery, type Backfill, backfillProgressQuery } from "@/api/backfill";
import { api } from "@/api/client";
import { useConfig, useMay } from "@/api/config";
import { useT } from "@/catalogue/use";
import { Button } from "@/parts/Button";
import { Icon } from "@/parts/Icon";
import { Time } from "@/time/Time";
import styles from "./Backfill.module.css";

/** The backfill that is under way: how far it is, pause, cancel. */
export function BackfillBanner({ dagId }: { dagId: string }) {
  const { data } = useQuery(activeBackfillQuery(dagId));
  return data ? <Active backfill={data} /> : null;
}

function Active({ backfill }: { backfill: Backfill }) {
  const t = useT();
  const client = useQueryClient();
  const may = useMay("USER");
  const { role } = useConfig().user;
  const why = may ? null : t("common.notAllowed", { role });
  const { data } = useQuery(backfillProgressQuery(backfill.dag_id, backfill.id));
  const path = { backfill_id: String(backfill.id) };
  const act = useMutation({
    mutationFn: (what: "pause" | "unpause" | "cancel") => {
      if (what === "pause") return api.put("/api/v2/backfills/{backfill_id}/pause", { path });
      if (what === "unpause") return api.put("/api/v2/backfills/{backfill_id}/unpause", { path });
      return api.put("/api/v2/backfills/{backfill_id}/cancel", { path });
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["dag", backfill.dag_id] }),
  });
  const all = data ? data.queued + data.running + data.success + data.failed : 0;
  const done = data ? data.success + data.failed : 0;
  const name = t(backfill.is_paused ? "backfill.isPaused" : "backfill.active");
  return (
    <section className={styles.banner} aria-label={name}>
      <Icon name="info" />
      <div className={styles.text}>
        <strong>{name}</strong>{" "}
        <span>
          <Time value={backfill.from_date} show="absolute" /> – <Time value={backfill.to_date} show="absolute" />
        </span>
        {data && (
          <>
            <progress value={done} max={Math.max(all, 1)} aria-label={t("backfill.progress", { done, all })} />
            <span>{t("backfill.progress", { done, all })}</span>
            {data.failed > 0 && <span className="error">{t("backfill.failedRuns", { count: data.failed })}</span>}
          </>
        )}
      </div>
      <Button busy={act.isPending} why={why} onClick={() => act.mutate(backfill.is_paused ? "unpause" : "pause")}>
        {t(backfill.is_paused ? "backfill.resume" : "backfill.pause")}
      </Button>
      <Button busy={act.isPending} why={why} onClick={() => act.mutate("cancel")}>
        {t("backfill.cancel")}
      </Button>
    </section>
  );
}
