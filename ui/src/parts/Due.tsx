import { useT } from "@/catalogue/use";
import { useNow } from "@/time/clock";

/** Milliseconds a run may be due before something must be in its way. */
const LATE = 30_000;

/** Beside the time of the next run: that it has come, and the run waits for its turn. */
export function Due({ at, className }: { at: string; className?: string | undefined }) {
  const t = useT();
  const now = useNow(10);
  return Date.parse(at) < now - LATE ? <span className={className ?? "soft small"}>{t("dags.due")}</span> : null;
}
