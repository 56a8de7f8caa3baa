// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { written } from "./Awaited";

describe("a condition of assets", () => {
  const asset = (name: string) => ({ asset: { name } });
  it("is written as an author writes it", () => {
    expect(written(asset("a"))).toBe("a");
    expect(written({ all: [asset("a"), { any: [{ asset_ref: { uri: "s3://b" } }, { alias: { name: "c" } }] }] })).toBe("a & (s3://b | c)");
    expect(written({ all: [{ any: [asset("a")] }, { asset_ref: { name: "b" } }] })).toBe("a & b");
    expect(written({ all: [] })).toBe("");
  });
});
