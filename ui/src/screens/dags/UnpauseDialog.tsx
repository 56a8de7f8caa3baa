import { type ReactNode, useId, useState } from "react";
import type { MissedRun, UnpausePreview } from "@/api/types";
import { useT } from "@/catalogue/use";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Time } from "@/time/Time";
import { InDagZone } from "@/time/viewer";
import styles from "./UnpauseDialog.module.css";

interface Props {
  name: string;
  preview: UnpausePreview;
  busy: boolean;
  onUnpause: (fromNow: boolean) => void;
  onClose: () => void;
}

/** A run is known by its logical date, where it has one. */
const dateOf = (run: MissedRun): string => run.logical_date ?? run.run_after;

/** Says which runs unpausing starts, before it does. */
export function UnpauseDialog({ name, preview, busy, onUnpause, onClose }: Props) {
  const t = useT();
  const group = useId();
  const [fromNow, setFromNow] = useState(false);
  const { count, max_active_runs: limit, first, last, from_now } = preview;
  const option = (value: boolean, title: string, hint: ReactNode) => (
    <label className={styles.option}>
      <input type="radio" name={group} checked={fromNow === value} onChange={() => setFromNow(value)} />
      <span>
        <strong>{title}</strong>
        <span className="soft">{hint}</span>
      </span>
    </label>
  );
  return (
    <InDagZone zone={preview.timezone}>
      <Dialog
        title={t("dags.unpauseTitle", { dag: name })}
        onClose={onClose}
        actions={
          <>
            <Button onClick={onClose}>{t("common.cancel")}</Button>
            <Button kind="main" busy={busy} onClick={() => onUnpause(fromNow)}>
              {t("dags.unpauseDo")}
            </Button>
          </>
        }
      >
        <div className="stack">
          <div>
            <p className={styles.count}>{preview.exact ? t("dags.unpauseRuns", { count, limit }) : t("dags.unpauseRunsMany", { count, limit })}</p>
            <p className="soft">{t("dags.unpauseWhy")}</p>
          </div>
          <dl className={styles.ends}>
            {first && <End label={t("dags.unpauseFirst")} run={first} />}
            {last && <End label={t("dags.unpauseLast")} run={last} />}
          </dl>
          <fieldset className={styles.options}>
            <legend>{t("dags.unpauseChoice")}</legend>
            {option(false, preview.exact ? t("dags.unpauseAll", { count }) : t("dags.unpauseAllMany"), t("dags.unpauseAllHint"))}
            {option(
              true,
              t("dags.unpauseFromNow"),
              from_now.next ? (
                <>
                  {t("dags.unpauseFromNowHint")} <Time value={from_now.next.run_after} />
                </>
              ) : (
                t("dags.unpauseFromNowNone")
              ),
            )}
          </fieldset>
        </div>
      </Dialog>
    </InDagZone>
  );
}

function End({ label, run }: { label: string; run: MissedRun }) {
  return (
    <div>
      <dt className="soft small">{label}</dt>
      <dd>
        <Time value={dateOf(run)} />
      </dd>
    </div>
  );
}
