import { memo } from "react";
import { useT } from "@/catalogue/use";
import { wall } from "@/time/zone";
import { highlight, type Piece, pieces } from "./ansi";
import { groupMark } from "./folds";
import type { LogLine } from "./lines";
import styles from "./Log.module.css";
import { isError } from "./model";
import { Traceback } from "./Traceback";

/** Longer lines are cut: a browser cannot lay out a megabyte in one line. */
const CUT = 5000;
const KNOWN = new Set(["n", "timestamp", "level", "event", "logger", "filename", "lineno", "error_detail"]);

interface Props {
  n: number;
  line: LogLine | undefined;
  zone: string;
  times: boolean;
  source: boolean;
  /** Long lines and tracebacks are shown whole. */
  expanded: boolean;
  selected: boolean;
  /** It holds the match that was jumped to. */
  current: boolean;
  search: RegExp | null;
  onSelect: (n: number) => void;
  onExpand: (n: number) => void;
  /** Of the head of a group that has an end. */
  group: LogGroup | null;
  onFold: (n: number, closed: boolean) => void;
}

export interface LogGroup {
  /** Between its marks. */
  lines: number;
  closed: boolean;
}

export const LogRow = memo(function LogRow({ n, line, zone, times, source, expanded, selected, current, search, onSelect, onExpand, group, onFold }: Props) {
  const t = useT();
  const level = (line?.level ?? "").toLowerCase();
  const marks = [styles.row, line && isError(line) && styles.error, level === "warning" && styles.warning, level === "debug" && styles.debug];
  if (selected) marks.push(styles.selected);
  if (current) marks.push(styles.current);
  return (
    <div className={marks.filter(Boolean).join(" ")}>
      <button type="button" className={styles.number} tabIndex={-1} aria-label={t("log.lineNumber", { n })} onClick={() => onSelect(n)}>
        {n}
      </button>
      {!line ? (
        <span className={styles.coming} />
      ) : (
        <>
          {times && line.timestamp && <time className={styles.time}>{clock(line.timestamp, zone)}</time>}
          {level && level !== "info" && <span className={styles.level}>{level}</span>}
          {source && line.logger && <span className={styles.logger}>{line.logger}</span>}
          <span className={styles.text}>
            {group ? (
              <GroupHead title={groupMark(line.event)?.title ?? ""} group={group} onFold={() => onFold(n, !group.closed)} />
            ) : (
              <Text event={line.event} expanded={expanded} search={search} onExpand={() => onExpand(n)} />
            )}
            <Fields line={line} />
            {source && line.filename && (
              <span className={styles.place}>
                {line.filename}:{line.lineno}
              </span>
            )}
            {line.error_detail && line.error_detail.length > 0 && (
              <Traceback chain={line.error_detail} expanded={expanded} onExpand={() => onExpand(n)} />
            )}
          </span>
        </>
      )}
    </div>
  );
});

function GroupHead({ title, group, onFold }: { title: string; group: LogGroup; onFold: () => void }) {
  const t = useT();
  return (
    <button type="button" className={styles.groupHead} aria-expanded={!group.closed} onClick={onFold}>
      <span aria-hidden="true">{group.closed ? "▸" : "▾"}</span> {title || t("log.group")}
      {group.closed && <span className={styles.groupSize}>{t("log.groupLines", { count: group.lines })}</span>}
    </button>
  );
}

function Text({ event, expanded, search, onExpand }: { event: string; expanded: boolean; search: RegExp | null; onExpand: () => void }) {
  const t = useT();
  const text = String(event ?? "");
  const cut = !expanded && text.length > CUT;
  const mark = groupMark(text);
  if (mark) return <span className={mark.opens ? styles.group : styles.groupEnd}>{mark.opens ? mark.title : "╰"}</span>;
  return (
    <>
      {highlight(pieces(cut ? text.slice(0, CUT) : text), search).map((piece, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- pieces have nothing else, and their order never changes
        <span key={index} className={look(piece)}>
          {piece.hit ? <mark>{piece.text}</mark> : piece.text}
        </span>
      ))}
      {cut && (
        <button type="button" className={styles.more} onClick={onExpand}>
          {t("log.moreText", { count: text.length - CUT })}
        </button>
      )}
    </>
  );
}

function look(piece: Piece): string | undefined {
  const names: (string | undefined)[] = [];
  if (piece.colour !== undefined) names.push(styles[`c${piece.colour}`]);
  if (piece.back !== undefined) names.push(styles[`b${piece.back}`]);
  for (const style of ["bold", "dim", "italic", "underline"] as const) if (piece[style]) names.push(styles[style]);
  return names.length > 0 ? names.join(" ") : undefined;
}

/** What a structured line says besides its text. */
function Fields({ line }: { line: LogLine }) {
  const fields = Object.entries(line).filter(([name, value]) => !KNOWN.has(name) && value !== null && value !== undefined);
  if (fields.length === 0) return null;
  return (
    <span className={styles.fields}>
      {fields.map(([name, value]) => (
        <span key={name}>
          <span className={styles.field}>{name}=</span>
          {typeof value === "string" ? value : JSON.stringify(value)}
        </span>
      ))}
    </span>
  );
}

/** `02:00:00.123` in a zone; the toolbar says which. */
function clock(timestamp: string, zone: string): string {
  const at = new Date(timestamp);
  if (Number.isNaN(at.getTime())) return timestamp;
  return `${wall(at, zone).time}.${String(at.getMilliseconds()).padStart(3, "0")}`;
}
