import { useEffect, useState, useSyncExternalStore } from "react";
import { ApiError } from "@/api/error";
import { useT } from "@/catalogue/use";
import { IconButton } from "./Button";
import { Icon } from "./Icon";
import styles from "./notices.module.css";

/** Short words on what was done or failed, at the foot of the page. */
export type Notice = { kind: "done"; text: string } | { kind: "failed"; error: unknown };
type Shown = Notice & { id: number };

const watchers = new Set<() => void>();
let notices: readonly Shown[] = [];
let next = 0;

function set(changed: readonly Shown[]): void {
  notices = changed;
  for (const watcher of watchers) watcher();
}

/** Shows a notice. */
export function notify(notice: Notice): void {
  next += 1;
  set([...notices, { ...notice, id: next }].slice(-4));
}

const dismiss = (id: number) => set(notices.filter((one) => one.id !== id));
const watch = (watcher: () => void) => {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
};

/** Where notices are shown; once, around everything. */
export function Notices() {
  const shown = useSyncExternalStore(watch, () => notices);
  return (
    <div className={styles.notices} role="status" aria-live="polite">
      {shown.map((notice) => (
        <NoticeBox key={notice.id} notice={notice} />
      ))}
    </div>
  );
}

const STAYS = 5000;

function NoticeBox({ notice }: { notice: Shown }) {
  const t = useT();
  const [held, setHeld] = useState(false);
  const failed = notice.kind === "failed";
  useEffect(() => {
    // What failed stays until it was read.
    if (failed || held) return;
    const timer = setTimeout(() => dismiss(notice.id), STAYS);
    return () => clearTimeout(timer);
  }, [failed, held, notice.id]);
  return (
    <div className={`${styles.notice} ${styles[notice.kind]}`} onMouseEnter={() => setHeld(true)} onMouseLeave={() => setHeld(false)}>
      <Icon name={failed ? "error" : "check"} />
      <div className={styles.text}>{notice.kind === "done" ? notice.text : <FailedText error={notice.error} />}</div>
      <IconButton icon="close" label={t("common.close")} onClick={() => dismiss(notice.id)} />
    </div>
  );
}

function FailedText({ error }: { error: unknown }) {
  const t = useT();
  if (!(error instanceof ApiError)) return <>{error instanceof Error ? error.message : String(error)}</>;
  return (
    <>
      <strong>{t("failed.title")}</strong>
      <div>{error.status === 0 ? t("failed.noAnswer") : error.detail}</div>
      <code className="soft small">
        {error.method} {error.path} {error.status || ""}
      </code>
    </>
  );
}
