import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type BackfillBody, backfillDatesQuery } from "@/api/backfill";
import { api } from "@/api/client";
import { useConfig, useMay } from "@/api/config";
import { useT } from "@/catalogue/use";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Failed } from "@/parts/Failed";
import { CheckField, Choices, TextField } from "@/parts/fields";
import { notify } from "@/parts/notices";
import { Time } from "@/time/Time";
import { DayField } from "../DayField";
import styles from "./Backfill.module.css";

/** Dates that are listed; the rest are counted. */
const LISTED = 100;

type Behavior = NonNullable<BackfillBody["reprocess_behavior"]>;

/** Makes a backfill, after the list of the dates that it will run. Render it while it is open. */
export function BackfillDialog({ dagId, onClose }: { dagId: string; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const may = useMay("USER");
  const { role } = useConfig().user;
  const [from, setFrom] = useState<string>();
  const [to, setTo] = useState<string>();
  const [behavior, setBehavior] = useState<Behavior>("none");
  const [backwards, setBackwards] = useState(false);
  const [limit, setLimit] = useState(10);
  const body: BackfillBody = {
    dag_id: dagId,
    from_date: from ?? "",
    to_date: lastOf(to),
    reprocess_behavior: behavior,
    run_backwards: backwards,
    max_active_runs: limit,
  };
  const reversed = from !== undefined && to !== undefined && Date.parse(to) <= Date.parse(from);
  const whole = !reversed && from !== undefined && to !== undefined && limit >= 1;
  const dates = useQuery({ ...backfillDatesQuery(body), enabled: whole, placeholderData: keepPreviousData });
  const create = useMutation({
    mutationFn: () => api.post("/api/v2/backfills", { body }),
    onSuccess: () => {
      notify({ kind: "done", text: t("backfill.made", { count: dates.data?.length ?? 0 }) });
      void client.invalidateQueries({ queryKey: ["dag", dagId] });
      onClose();
    },
  });
  const count = whole ? (dates.data?.length ?? 0) : 0;
  return (
    <Dialog
      title={t("backfill.title")}
      wide
      high
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button
            kind="main"
            busy={create.isPending}
            disabled={count === 0 || dates.isPlaceholderData || dates.isError}
            why={may ? null : t("common.notAllowed", { role })}
            onClick={() => create.mutate()}
          >
            {t("backfill.start", { count })}
          </Button>
        </>
      }
    >
      <div className="stack">
        <p className="soft">{t("backfill.hint")}</p>
        <div className={styles.range}>
          <DayField label={t("backfill.from")} value={from} begins onChange={setFrom} />
          <DayField label={t("backfill.to")} value={to} error={reversed ? t("backfill.reversed") : undefined} onChange={setTo} />
          <TextField
            type="number"
            min={1}
            label={t("backfill.limit")}
            value={Number.isNaN(limit) ? "" : limit}
            onChange={(event) => setLimit(event.target.valueAsNumber)}
          />
        </div>
        <Choices
          label={t("backfill.behavior")}
          value={behavior}
          options={[
            { value: "none", label: t("backfill.none") },
            { value: "failed", label: t("backfill.failed") },
            { value: "completed", label: t("backfill.completed") },
          ]}
          onChange={(value) => setBehavior(value as Behavior)}
        />
        <CheckField label={t("backfill.backwards")} checked={backwards} onChange={(event) => setBackwards(event.target.checked)} />
        {!whole && <p className="soft">{t("backfill.choose")}</p>}
        {whole && dates.error && <Failed error={dates.error} retry={() => void dates.refetch()} />}
        {whole && !dates.error && dates.data && (
          <section aria-live="polite" aria-busy={dates.isFetching}>
            <h3>{t("backfill.dates", { count })}</h3>
            {count > 0 && (
              // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- scrolled by the keyboard
              <ol className={styles.dates} tabIndex={0} aria-label={t("backfill.dates", { count })}>
                {dates.data.slice(0, LISTED).map(
                  (run) =>
                    run.logical_date && (
                      <li key={run.logical_date}>
                        <Time value={run.logical_date} show="absolute" still />
                      </li>
                    ),
                )}
              </ol>
            )}
            {count > LISTED && <p className="soft">{t("backfill.more", { count: count - LISTED })}</p>}
          </section>
        )}
      </div>
    </Dialog>
  );
}

/** The field stands for the first instant after the day; a backfill ends with the last one of it. */
function lastOf(after: string | undefined): string {
  return after === undefined ? "" : new Date(Date.parse(after) - 1).toISOString();
}
