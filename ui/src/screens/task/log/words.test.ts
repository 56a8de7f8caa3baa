import { describe, expect, it } from "vitest";
import { bytes, searchPattern } from "./words";

describe("words of the log", () => {
  it("are sizes as people read them", () => {
    expect([0, 999, 7800, 12_345, 189_000_000, 1_100_000_000].map((count) => bytes(count, "en"))).toEqual(["0 B", "999 B", "7.8 kB", "12 kB", "189 MB", "1.1 GB"]);
  });

  it("search for a text as it is, or for a pattern", () => {
    expect(searchPattern("", false)).toBeNull();
    expect("a.b A.B axb".match(searchPattern("a.b", false) as RegExp)).toEqual(["a.b", "A.B"]);
    expect("a.b axb".match(searchPattern("a.b", true) as RegExp)).toEqual(["a.b", "axb"]);
    expect(searchPattern("(", true)).toBe("wrong");
  });
});
