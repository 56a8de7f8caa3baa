import { address, type Query, send } from "@/api/client";
import type { TaskRef } from "@/api/work";
import type { LinesAnswer, LogLine } from "./lines";

export interface SearchAnswer {
  matches: { n: number; text: string }[];
  /** Where to go on when the time for one answer was over. */
  next_after: number;
  done: boolean;
}

export interface StreamParts {
  lines: (lines: LogLine[], nextLine: number) => void;
  /** The file was cut off: it begins again. */
  reset: () => void;
  end: () => void;
  /** The connection is lost for good; false while the browser tries again by itself. */
  broken: () => void;
}

/** A line as the server sends it: what is not of every line stands apart. */
type SentLine = Pick<LogLine, "n" | "event" | "timestamp" | "level" | "logger"> & { fields?: Record<string, unknown> | null };
type SentLines = Omit<LinesAnswer, "lines" | "missing"> & { lines: SentLine[]; exists: boolean; file: string };

const line = ({ fields, ...known }: SentLine): LogLine => ({ ...fields, ...known });

/** Where the lines of one try come from. */
export interface LogSource {
  lines: (query: Query, signal?: AbortSignal) => Promise<LinesAnswer>;
  search: (query: Query, signal?: AbortSignal) => Promise<SearchAnswer>;
  firstError: (signal?: AbortSignal) => Promise<number | null>;
  /** Lines as they are written; gives the function that stops it. */
  stream: (after: number, parts: StreamParts) => () => void;
  downloadUrl: string;
}

const BASE = "/api/v2/tradewind/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/logs/{try_number}";

/** The log of a try, from the server. */
export function logSource({ dag_id, run_id, task_id, map_index }: TaskRef, try_number: number): LogSource {
  const path = { dag_id, run_id, task_id, try_number };
  const url = (part: string, query: Query = {}) => address(`${BASE}/${part}`, path, { map_index, ...query });
  const get = <T>(part: string, query: Query, signal?: AbortSignal) => send<T>("get", url(part, query), undefined, { signal });
  return {
    lines: async (query, signal) => {
      const answer = await get<SentLines>("lines", query, signal);
      return { ...answer, lines: answer.lines.map(line), missing: answer.exists ? null : answer.file };
    },
    search: (query, signal) => get("search", query, signal),
    firstError: async (signal) => {
      // The server looks for a time only.
      for (let after_line = 0; ; ) {
        const answer = await get<{ n: number | null; next_after: number; done: boolean }>("first_error", { after_line }, signal);
        if (answer.done || answer.next_after <= after_line) return answer.n;
        after_line = answer.next_after;
      }
    },
    stream: (after, parts) => {
      const events = new EventSource(url("stream", { from_line: after + 1 }));
      events.addEventListener("lines", (event: MessageEvent<string>) => {
        const { lines, next_line } = JSON.parse(event.data) as { lines: SentLine[]; next_line: number };
        parts.lines(lines.map(line), next_line);
      });
      events.addEventListener("reset", () => parts.reset());
      events.addEventListener("end", () => {
        events.close();
        parts.end();
      });
      events.addEventListener("error", () => events.readyState === EventSource.CLOSED && parts.broken());
      return () => events.close();
    },
    downloadUrl: url("download"),
  };
}
