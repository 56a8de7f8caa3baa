import { expect, it } from "vitest";
import { dayIn, instant } from "./instant";

const iso = (date: string, time: string, zone: string) => instant(date, time, zone)?.toISOString();

it("finds the instant of a time on the wall", () => {
  expect(iso("2022-06-07", "02:00", "Asia/Seoul")).toBe("2022-06-06T17:00:00.000Z");
  expect(iso("2022-06-07", "00:00", "UTC")).toBe("2022-06-07T00:00:00.000Z");
  expect(iso("2024-07-01", "12:00", "America/New_York")).toBe("2024-07-01T16:00:00.000Z");
});

it("knows the days on which clocks change", () => {
  expect(iso("2024-03-10", "01:59", "America/New_York")).toBe("2024-03-10T06:59:00.000Z");
  // Left out: half an hour after two is what clocks then call half past three.
  expect(iso("2024-03-10", "02:30", "America/New_York")).toBe("2024-03-10T07:30:00.000Z");
  expect(iso("2024-03-10", "03:00", "America/New_York")).toBe("2024-03-10T07:00:00.000Z");
  // Comes twice: the first.
  expect(iso("2024-11-03", "01:30", "America/New_York")).toBe("2024-11-03T05:30:00.000Z");
  expect(iso("2024-11-03", "02:00", "America/New_York")).toBe("2024-11-03T07:00:00.000Z");
});

it("refuses what is no date", () => {
  expect(instant("2024-02-xx", "00:00", "UTC")).toBeNull();
  expect(dayIn(new Date("2024-01-01T20:00:00Z"), "Asia/Seoul")).toBe("2024-01-02");
});
