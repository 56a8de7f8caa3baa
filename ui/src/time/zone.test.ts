import { describe, expect, it } from "vitest";
import { isZone, shown, wall } from "./zone";

const at = (text: string) => new Date(text);

describe("a time in a zone", () => {
  it("is marked with the letters people use", () => {
    expect(shown(at("2022-06-06T17:00:00Z"), "Asia/Seoul")).toBe("2022-06-07 02:00 KST");
    expect(shown(at("2022-06-06T17:00:00Z"), "UTC")).toBe("2022-06-06 17:00 UTC");
    expect(shown(at("2022-06-06T17:00:09Z"), "Europe/Paris", "second")).toBe("2022-06-06 19:00:09 CEST");
    expect(shown(at("2022-01-06T17:00:00Z"), "Europe/London")).toBe("2022-01-06 17:00 GMT");
    expect(shown(at("2022-01-06T17:00:00Z"), "Asia/Kathmandu")).toBe("2022-01-06 22:45 +05:45");
    expect(shown(at("2022-01-06T15:00:00Z"), "Asia/Seoul")).toBe("2022-01-07 00:00 KST");
  });

  it("jumps over the hour that is missing in spring", () => {
    expect(shown(at("2024-03-10T06:59:59Z"), "America/New_York", "second")).toBe("2024-03-10 01:59:59 EST");
    expect(shown(at("2024-03-10T07:00:00Z"), "America/New_York", "second")).toBe("2024-03-10 03:00:00 EDT");
    expect(wall(at("2024-03-10T07:00:00Z"), "America/New_York").offset).toBe("-04:00");
  });

  it("tells the two hours of autumn apart", () => {
    expect(shown(at("2024-11-03T05:30:00Z"), "America/New_York")).toBe("2024-11-03 01:30 EDT");
    expect(shown(at("2024-11-03T06:30:00Z"), "America/New_York")).toBe("2024-11-03 01:30 EST");
    expect(wall(at("2024-11-03T06:30:00Z"), "America/New_York").offset).toBe("-05:00");
  });

  it("is the same all year in Seoul", () => {
    for (const day of ["2024-03-10", "2024-07-01", "2024-11-03"]) {
      expect(wall(at(`${day}T00:00:00Z`), "Asia/Seoul")).toEqual({ date: day, time: "09:00:00", abbreviation: "KST", offset: "+09:00" });
    }
  });

  it("knows which names are zones", () => {
    expect(isZone("Asia/Seoul")).toBe(true);
    expect(isZone("Asia/Soul")).toBe(false);
    expect(isZone("")).toBe(false);
  });
});
