// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { COALESCE, HIDDEN, type LiveEvent, type Status, Stream } from "./stream";

class FakeSource {
  static opened: FakeSource[] = [];
  listeners = new Map<string, (event: MessageEvent<string>) => void>();
  readyState = 0;
  closed = false;

  constructor(readonly url: string) {
    FakeSource.opened.push(this);
  }
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void {
    this.listeners.set(type, listener);
  }
  close(): void {
    this.closed = true;
  }
  send(kind: string, data: unknown, lastEventId: string): void {
    this.listeners.get(kind)?.({ data: JSON.stringify(data), lastEventId } as MessageEvent<string>);
  }
}

const newest = () => FakeSource.opened.at(-1) ?? new FakeSource("none");
let hidden = false;
const look = (away: boolean) => {
  hidden = away;
  document.dispatchEvent(new Event("visibilitychange"));
};

describe("the stream of changes", () => {
  let batches: LiveEvent[][] = [];
  let statuses: Status[] = [];
  let stream: Stream;
  const refused = vi.fn();

  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(document, "hidden", "get").mockImplementation(() => hidden);
    hidden = false;
    FakeSource.opened = [];
    batches = [];
    statuses = [];
    refused.mockClear();
    stream = new Stream({
      open: (url) => new FakeSource(url),
      batch: (events) => batches.push(events),
      status: (status) => statuses.push(status),
      refused,
    });
    stream.start();
  });

  afterEach(() => {
    stream.stop();
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  it("gives what comes close together at once", () => {
    newest().send("dag_run", { dag_id: "d", dag_run_id: "r", state: "running" }, "b-1");
    newest().send("task_instance", { dag_id: "d", run_id: "r", task_id: "t", map_index: -1, state: "queued" }, "b-2");
    vi.advanceTimersByTime(COALESCE - 1);
    expect(batches).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(batches).toHaveLength(1);
    expect(batches[0]?.map((event) => [event.kind, event.run_id])).toEqual([
      ["dag_run", "r"],
      ["task_instance", "r"],
    ]);
  });

  it("resumes after a break where it was, waiting longer each time", () => {
    newest().send("dag", { dag_id: "d" }, "boot-7");
    newest().send("error", {}, "");
    expect(statuses.at(-1)).toBe("broken");
    expect(FakeSource.opened).toHaveLength(1);
    vi.advanceTimersByTime(1000);
    expect(FakeSource.opened).toHaveLength(2);
    expect(newest().url).toContain("last_event_id=boot-7");
    newest().send("open", {}, "");
    expect(statuses.at(-1)).toBe("open");
    expect(refused).not.toHaveBeenCalled();
  });

  it("says when it was refused", () => {
    newest().readyState = 2;
    newest().send("error", {}, "");
    expect(refused).toHaveBeenCalledOnce();
  });

  it("sleeps while nobody looks and wakes when somebody does", () => {
    look(true);
    vi.advanceTimersByTime(HIDDEN - 1);
    expect(newest().closed).toBe(false);
    vi.advanceTimersByTime(1);
    expect(newest().closed).toBe(true);
    look(false);
    expect(FakeSource.opened).toHaveLength(2);
    look(true);
    vi.advanceTimersByTime(HIDDEN / 2);
    look(false);
    vi.advanceTimersByTime(HIDDEN);
    expect(FakeSource.opened).toHaveLength(2);
  });
});
