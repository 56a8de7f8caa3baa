import { at } from "@/api/base";

/** What the server tells of a change. Which fields are there depends on the kind. */
export interface LiveEvent {
  kind: "dag_run" | "task_instance" | "dag" | "import_error" | "job" | "alert" | "reset";
  dag_id?: string;
  /** The run; older servers say `dag_run_id`. */
  run_id?: string;
  task_id?: string;
  map_index?: number;
  state?: string | null;
  try_number?: number;
  start_date?: string | null;
  end_date?: string | null;
}

export type Status = "idle" | "connecting" | "open" | "broken";

const KINDS = ["dag_run", "task_instance", "dag", "import_error", "job", "alert", "reset"] as const;
/** Changes of this many milliseconds are shown together. */
export const COALESCE = 150;
/** A tab that nobody sees for this long stops listening. */
export const HIDDEN = 60_000;
const LONGEST_WAIT = 30_000;

interface Source {
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void;
  readyState: number;
  close(): void;
}

interface Parts {
  open: (url: string) => Source;
  batch: (events: LiveEvent[]) => void;
  status: (status: Status) => void;
  /** Called when the server refuses the stream: the session may have ended. */
  refused: () => void;
}

/** The one stream of changes of this tab: it resumes where it was, and sleeps while the tab is hidden. */
export class Stream {
  #source: Source | null = null;
  #last = "";
  #waiting: LiveEvent[] = [];
  #flush: ReturnType<typeof setTimeout> | undefined;
  #hidden: ReturnType<typeof setTimeout> | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  start(): void {
    document.addEventListener("visibilitychange", this.#seen);
    this.#connect();
  }

  stop(): void {
    document.removeEventListener("visibilitychange", this.#seen);
    for (const timer of [this.#hidden, this.#again, this.#flush]) clearTimeout(timer);
    this.#waiting = [];
    this.#close("idle");
  }

  #seen = (): void => {
    clearTimeout(this.#hidden);
    if (document.hidden) {
      this.#hidden = setTimeout(() => this.#close("idle"), HIDDEN);
    } else if (!this.#source) {
      this.#failures = 0;
      this.#connect();
    }
  };

  #close(status: Status): void {
    this.#source?.close();
    this.#source = null;
    clearTimeout(this.#again);
    this.#parts.status(status);
  }

  #connect(): void {
    this.#close("connecting");
    const query = this.#last ? `?last_event_id=${encodeURIComponent(this.#last)}` : "";
    const source = this.#parts.open(at(`/api/v2/tradewind/events${query}`));
    this.#source = source;
    source.addEventListener("open", () => {
      this.#failures = 0;
      this.#parts.status("open");
    });
    source.addEventListener("error", () => this.#broken());
    for (const kind of KINDS) source.addEventListener(kind, (event) => this.#take(kind, event));
  }

  #take(kind: LiveEvent["kind"], event: MessageEvent<string>): void {
    if (event.lastEventId) this.#last = event.lastEventId;
    const data = JSON.parse(event.data || "{}") as LiveEvent & { dag_run_id?: string };
    const run = data.run_id ?? data.dag_run_id;
    this.#waiting.push({ ...data, kind, ...(run === undefined ? {} : { run_id: run }) });
    this.#flush ??= setTimeout(() => {
      this.#flush = undefined;
      this.#parts.batch(this.#waiting.splice(0));
    }, COALESCE);
  }

  // The browser would try again by itself, but not after an answer that is no stream, and with a fixed pause.
  #broken(): void {
    const refused = this.#source?.readyState === 2;
    this.#close("broken");
    if (refused) this.#parts.refused();
    this.#failures += 1;
    const wait = Math.min(LONGEST_WAIT, 500 * 2 ** Math.min(this.#failures, 10));
    this.#again = setTimeout(() => !document.hidden && this.#connect(), wait * (0.5 + Math.random() / 2));
  }
}
