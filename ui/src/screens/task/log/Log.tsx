import { type KeyboardEvent, type MouseEvent, type RefObject, useEffect, useLayoutEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import type { TaskRef } from "@/api/work";
import { useLocale, useT } from "@/catalogue/use";
import { useShortcuts } from "@/keys/use";
import { Button, IconButton } from "@/parts/Button";
import { Empty } from "@/parts/Empty";
import { Failed } from "@/parts/Failed";
import { SelectField, TextField } from "@/parts/fields";
import { Loading } from "@/parts/Loading";
import { useZones } from "@/time/viewer";
import { wall } from "@/time/zone";
import styles from "./Log.module.css";
import { type Found, type LeastLevel, LogModel } from "./model";
import { LogView, type LogViewHandle } from "./LogView";
import { marksOf } from "./outline";
import { usePrefs } from "./prefs";
import { logSource } from "./source";
import { bytes, searchPattern } from "./words";

/** Places along the bar of errors that can be told apart. */
const MARKS = 200;

interface Props {
  task: TaskRef;
  tryNumber: number;
  /** Opens at the first error unless a line is named. */
  failed: boolean;
  line: number | undefined;
  onLine: (line: number) => void;
}

/** The log of one try; give it a `key` of task and try. */
export function Log({ task, tryNumber, failed, line, onLine }: Props) {
  const t = useT();
  // Made once: another try is another component.
  const [model] = useState(() => new LogModel(logSource(task, tryNumber)));
  const [opening] = useState({ line, atError: failed });
  const version = useSyncExternalStore(model.watch, model.version);
  useEffect(() => {
    void model.start(opening);
    return () => model.stop();
  }, [model, opening]);
  if (model.status === "opening") return <Loading lines={8} />;
  if (model.status === "failed") return <Failed error={model.error} retry={() => void model.start(opening)} />;
  if (model.total === 0) {
    return (
      <Empty icon={model.open ? "time" : "info"} title={t(model.open ? "log.notYet" : "log.none")}>
        {model.missing && <p className="mono small" translate="no">{model.missing}</p>}
        {!model.open && <p>{t("log.noneHint")}</p>}
      </Empty>
    );
  }
  return <OpenLog model={model} version={version} line={line} onLine={onLine} />;
}

function OpenLog({ model, version, line, onLine }: { model: LogModel; version: number; line: number | undefined; onLine: (line: number) => void }) {
  const t = useT();
  const locale = useLocale();
  const zone = useZones().shown;
  const [prefs, change] = usePrefs();
  const [query, setQuery] = useState("");
  const [regex, setRegex] = useState(false);
  const [expandAll, setExpandAll] = useState(false);
  const frame = useRef<HTMLElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const view = useRef<LogViewHandle>(null);
  const pattern = useMemo(() => searchPattern(query, regex), [query, regex]);
  const [now] = useState(() => new Date());
  const search = (direction: 1 | -1) => {
    const at = model.found.kind === "at" ? model.found.n : (view.current?.top() ?? 1) - direction;
    void model.find({ query, regex }, direction, at);
  };
  const error = (direction: 1 | -1) => void model.toError(direction, model.found.kind === "at" ? model.found.n : direction === 1 ? 0 : Number.POSITIVE_INFINITY);
  const expand = (on: boolean) => {
    setExpandAll(on);
    model.foldAll(!on);
  };
  const setLeast = (least: LeastLevel) => void model.setLeast(least, view.current?.top() ?? 1);
  const toStart = () => model.goTo(1);
  useShortcuts([
    { keys: "/", label: "log.keyFind", run: () => field.current?.focus(), local: true },
    { keys: "n", label: "log.keyNext", run: () => (query ? search(1) : error(1)), local: true },
    { keys: "shift+n", label: "log.keyPrevious", run: () => (query ? search(-1) : error(-1)), local: true },
    { keys: "w", label: "log.wrap", run: () => change({ wrap: !prefs.wrap }), local: true },
    { keys: "e", label: "log.expand", run: () => expand(!expandAll), local: true },
    { keys: "t", label: "log.times", run: () => change({ times: !prefs.times }), local: true },
    { keys: "s", label: "log.source", run: () => change({ source: !prefs.source }), local: true },
    { keys: "f", label: "log.full", run: () => void toggleFull(frame.current), local: true },
    { keys: "d", label: "log.download", run: () => location.assign(model.downloadUrl), local: true },
    { keys: "mod+ArrowUp", label: "log.keyStart", run: toStart, local: true },
    { keys: "mod+ArrowDown", label: "log.keyEnd", run: () => model.toEnd(), local: true },
  ]);
  useFill(frame);
  return (
    <section ref={frame} className={styles.log} aria-label={t("log.title")}>
      <div className={styles.bar}>
        <form
          className={styles.find}
          role="search"
          onSubmit={(event) => {
            event.preventDefault();
            search(1);
          }}
        >
          <Field
            query={query}
            field={field}
            wrong={pattern === "wrong"}
            onChange={setQuery}
            onKey={(event) => {
              if (event.key === "Enter" && event.shiftKey) {
                event.preventDefault();
                search(-1);
              } else if (event.key === "Escape") field.current?.blur();
            }}
          />
          <button type="button" className={styles.toggle} aria-pressed={regex} aria-label={t("log.regex")} title={t("log.regex")} onClick={() => setRegex(!regex)}>
            .*
          </button>
          <IconButton icon="up" label={t("log.keyPrevious")} onClick={() => search(-1)} />
          <IconButton icon="down" label={t("log.keyNext")} onClick={() => search(1)} />
          <span className={styles.found} role="status">
            <FoundWords found={model.found} />
          </span>
        </form>
        <div className={styles.least}>
          <SelectField
            label={t("log.level")}
            bare
            value={model.least}
            options={(["all", "info", "warning", "error"] as const).map((value) => ({ value, label: t(`log.levels.${value}`) }))}
            onChange={(event) => setLeast(event.target.value as LeastLevel)}
          />
        </div>
        <Button icon="error" onClick={() => void model.toFirstError()}>
          {t("log.firstError")}
        </Button>
        <div className={styles.toggles}>
          <Toggle label={t("log.wrap")} on={prefs.wrap} set={(wrap) => change({ wrap })} />
          <Toggle label={t("log.times")} on={prefs.times} set={(times) => change({ times })} />
          <Toggle label={t("log.source")} on={prefs.source} set={(source) => change({ source })} />
          <Toggle label={t("log.expand")} on={expandAll} set={expand} />
          <IconButton icon="full" label={t("log.full")} onClick={() => void toggleFull(frame.current)} />
          <a className={styles.download} href={model.downloadUrl} download>
            {t("log.download")}
          </a>
        </div>
      </div>
      <div className={styles.body}>
        {model.rows === 0 && model.filling && <Loading lines={6} />}
        {model.rows === 0 && !model.filling && <Empty title={t("log.noneOfLevel")} />}
        {model.errors.length > 0 && <ErrorMarks model={model} />}
        {model.rows > 0 && (
          <LogView
            model={model}
            version={version}
            prefs={prefs}
            zone={zone}
            search={pattern === "wrong" ? null : pattern}
            selected={line ?? null}
            expandAll={expandAll}
            handle={view}
            onSelect={onLine}
          />
        )}
      </div>
      <footer className={styles.foot}>
        <span className="numeric">
          {t("log.size", { count: model.total })} · {bytes(model.size, locale)} · {t("log.zone", { zone: wall(now, zone).abbreviation })}
        </span>
        {model.error !== null && <span role="alert">{t("log.partFailed")}</span>}
        <span className={styles.live}>
          {model.open && <span className={styles.dot} />}
          {model.open ? t(model.following ? "log.following" : "log.writing") : t("log.ended")}
          {!model.following && (
            <Button kind="quiet" icon="down" onClick={() => model.toEnd()}>
              {t(model.open ? "log.follow" : "log.toEnd")}
            </Button>
          )}
        </span>
      </footer>
    </section>
  );
}

/** Errors beside the scroll bar; a press goes to the nearest. By keys `n` goes from one to the next. */
function ErrorMarks({ model }: { model: LogModel }) {
  const t = useT();
  const marks = marksOf(model.errors, model.total, MARKS);
  const go = (event: MouseEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const at = (event.clientY - box.top) / box.height;
    const nearest = marks.reduce((best, mark) => (Math.abs(mark.at - at) < Math.abs(best.at - at) ? mark : best));
    model.goTo(nearest.n);
  };
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions -- keys have their own way to each error
    <div className={styles.marks} title={t("log.errors", { count: model.errors.length })} aria-hidden="true" onClick={go}>
      {marks.map(({ at, n }) => (
        <span key={n} style={{ insetBlockStart: `calc(${at * 100}% - ${at * 3}px)` }} />
      ))}
    </div>
  );
}

interface FieldProps {
  query: string;
  field: RefObject<HTMLInputElement | null>;
  wrong: boolean;
  onChange: (query: string) => void;
  onKey: (event: KeyboardEvent) => void;
}

function Field({ query, field, wrong, onChange, onKey }: FieldProps) {
  const t = useT();
  return (
    <TextField
      ref={field}
      type="search"
      label={t("log.find")}
      bare
      placeholder={t("log.find")}
      spellCheck={false}
      value={query}
      error={wrong ? t("log.badRegex") : null}
      onChange={(event) => onChange(event.target.value)}
      onKeyDown={onKey}
    />
  );
}

function FoundWords({ found }: { found: Found }) {
  const t = useT();
  switch (found.kind) {
    case "at":
      return <>{t("log.foundAt", { n: found.n })}</>;
    case "nothing":
      return <>{t("log.foundNothing")}</>;
    case "busy":
      return <>{t("log.searching")}</>;
    case "failed":
      return <>{t("failed.title")}</>;
    default:
      return null;
  }
}

function Toggle({ label, on, set }: { label: string; on: boolean; set: (on: boolean) => void }) {
  return (
    <button type="button" className={styles.toggle} aria-pressed={on} onClick={() => set(!on)}>
      {label}
    </button>
  );
}

/** As high as the window has room below where it begins, so that its last line is seen without scrolling the page. */
function useFill(frame: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return;
    const fill = () => {
      const top = element.getBoundingClientRect().top + window.scrollY;
      element.style.setProperty("--log-above", `${Math.round(top) + 16}px`);
    };
    fill();
    // What stands above grows and shrinks: the reasons why it waits, a note.
    const observer = new ResizeObserver(fill);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, [frame]);
}

async function toggleFull(frame: HTMLElement | null): Promise<void> {
  if (document.fullscreenElement) await document.exitFullscreen();
  else await frame?.requestFullscreen();
}
