import { describe, expect, it } from "vitest";
import { between, duration, relative } from "./words";

describe("lengths of time", () => {
  it("are read, not counted", () => {
    expect(duration(0.34, "en")).toBe("340ms");
    expect(duration(4.26, "en")).toBe("4.3s");
    expect(duration(59.6, "en")).toBe("60s");
    expect(duration(3840, "en")).toBe("1h 4m");
    expect(duration(3600, "en")).toBe("1h");
    expect(duration(90_061, "en")).toBe("1d 1h");
    expect(duration(3840, "ko")).toBe("1시간 4분");
  });

  it("are unknown while one end is", () => {
    expect(between("2024-01-01T00:00:00Z", null)).toBeNull();
    expect(between("2024-01-01T00:00:00Z", "2024-01-01T00:01:00Z")).toBe(60);
  });
});

describe("relative times", () => {
  const now = new Date("2024-05-01T12:00:00Z");
  it("name the largest unit", () => {
    expect(relative(new Date("2024-05-01T11:57:00Z"), now, "en")).toBe("3 minutes ago");
    expect(relative(new Date("2024-05-03T12:00:00Z"), now, "en")).toBe("in 2 days");
    expect(relative(now, now, "en")).toBe("now");
    expect(relative(new Date("2024-05-01T11:57:00Z"), now, "ko")).toBe("3분 전");
  });
});
