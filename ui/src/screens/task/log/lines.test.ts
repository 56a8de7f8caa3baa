import { describe, expect, it } from "vitest";
import { FilteredLines, LineWindow, type LogLine, MOST_PAGES, PAGE } from "./lines";

const lines = (from: number, to: number, step = 1): LogLine[] => {
  const made: LogLine[] = [];
  for (let n = from; n <= to; n += step) made.push({ n, event: `line ${n}` });
  return made;
};

describe("the window on a file", () => {
  it("tells which pages it lacks", () => {
    const held = new LineWindow();
    held.put(lines(1, PAGE));
    expect(held.missing(1, 1200, 1200)).toEqual([PAGE + 1, 2 * PAGE + 1]);
    held.put(lines(1001, 1200));
    expect(held.missing(1001, 1200, 1200)).toEqual([]);
    // The file has grown: the last page is not whole any more.
    expect(held.missing(1001, 1210, 1210)).toEqual([1001]);
    expect(held.get(1200)?.event).toBe("line 1200");
    expect(held.get(1201)).toBeUndefined();
  });

  it("never holds more than 20,000 lines, and keeps what was looked at last", () => {
    const held = new LineWindow();
    held.put(lines(1, PAGE * MOST_PAGES));
    held.touch(1, 1);
    held.put(lines(PAGE * 100 + 1, PAGE * 101));
    expect(held.held).toBe(PAGE * MOST_PAGES);
    expect(held.get(1)).toBeDefined();
    expect(held.get(PAGE + 1)).toBeUndefined();
  });
});

describe("lines behind a filter", () => {
  it("grow at both ends, each line once", () => {
    const found = new FilteredLines(100);
    found.append({ lines: lines(100, 200, 10), next_line: 201, done: false });
    expect(found.append({ lines: lines(200, 230, 10), next_line: 240, done: true })).toBe(0);
    expect(found.prepend({ lines: lines(50, 100, 10), before: 41, done: false })).toBe(5);
    expect(found.lines.map((line) => line.n)).toEqual(lines(50, 230, 10).map((line) => line.n));
    expect([found.indexOf(100), found.indexOf(101)]).toEqual([5, 6]);
    expect([found.before, found.from, found.atStart, found.atEnd]).toEqual([41, 240, false, true]);
  });

  it("give up the far end when there are too many", () => {
    const found = new FilteredLines(1);
    found.prepend({ lines: [], before: 1, done: false });
    expect(found.atStart).toBe(true);
    const many = lines(1, PAGE * MOST_PAGES + 7);
    expect(found.append({ lines: many, next_line: many.length + 1, done: true })).toBe(7);
    expect([found.atStart, found.lines[0]?.n, found.before]).toEqual([false, 8, 8]);
    found.prepend({ lines: lines(1, 7), before: 1, done: true });
    expect([found.lines.length, found.atEnd, found.from]).toEqual([PAGE * MOST_PAGES, false, PAGE * MOST_PAGES + 1]);
  });
});
