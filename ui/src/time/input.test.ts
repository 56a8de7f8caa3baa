import { describe, expect, it } from "vitest";
import { fromInput, toInput } from "./input";

describe("a time that is typed", () => {
  it("stands in the zone it is typed in", () => {
    expect(fromInput("2026-11-28T02:00", "Asia/Seoul")).toBe("2026-11-28T02:00:00+09:00");
    expect(fromInput("2026-07-01T12:30:15", "America/New_York")).toBe("2026-07-01T12:30:15-04:00");
    expect(fromInput("2026-01-01T00:00", "UTC")).toBe("2026-01-01T00:00:00+00:00");
    expect(toInput("2026-11-27T17:00:00Z", "Asia/Seoul")).toBe("2026-11-28T02:00");
    expect(toInput("2026-11-27T17:00:07Z", "Asia/Seoul")).toBe("2026-11-28T02:00:07");
  });

  it("in an hour that is left out is after the change, in one that comes twice the first", () => {
    // 2026-03-08: at 02:00 New York goes on to 03:00.
    expect(fromInput("2026-03-08T02:30", "America/New_York")).toBe("2026-03-08T03:30:00-04:00");
    // 2026-11-01: at 02:00 it goes back to 01:00.
    expect(fromInput("2026-11-01T01:30", "America/New_York")).toBe("2026-11-01T01:30:00-04:00");
    expect(fromInput("2026-11-01T02:30", "America/New_York")).toBe("2026-11-01T02:30:00-05:00");
  });

  it("is nothing when it is none", () => {
    expect(fromInput("", "UTC")).toBeNull();
    expect(fromInput("tomorrow", "UTC")).toBeNull();
    expect(fromInput("2026-13-45T00:00", "UTC")).toBeNull();
    expect(toInput(null, "UTC")).toBe("");
  });
});
