// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { type Kind, type KindField, keyOf, objectOf, shownValue, withValue } from "./kinds";

const field = (name: string, type: KindField["type"] = "string"): KindField => ({ name, label: name, type, description: null, secret: false, options: [] });
const kind: Kind = { connection_type: "acme", hook_name: "Acme", package_name: "p", hidden_fields: [], relabeling: {}, placeholders: {}, fields: [] };

describe("fields of a type", () => {
  it("are keys of the extra, and leave the others alone", () => {
    const extra = withValue('{"other": 1}', "region", field("region"), "eu");
    expect(JSON.parse(extra)).toEqual({ other: 1, region: "eu" });
    expect(JSON.parse(withValue(extra, "retries", field("retries", "integer"), "3"))).toEqual({ other: 1, region: "eu", retries: 3 });
    expect(JSON.parse(withValue(extra, "on", field("on", "boolean"), true))).toEqual({ other: 1, region: "eu", on: true });
  });

  it("go when they are emptied", () => {
    expect(withValue('{"region": "eu"}', "region", field("region"), "")).toBe("");
    expect(withValue('{"on": true, "a": 1}', "on", field("on", "boolean"), false)).toBe('{\n  "a": 1\n}');
  });

  it("stand under their long name where an old connection has them so", () => {
    expect(keyOf(kind, field("region"), { extra__acme__region: "eu" })).toBe("extra__acme__region");
    expect(keyOf(kind, field("region"), {})).toBe("region");
  });

  it("show no secret, and nothing of an extra that is no object", () => {
    expect(shownValue("***")).toBe("");
    expect(shownValue({ a: 1 })).toBe('{"a":1}');
    expect(objectOf("[1]")).toBeNull();
    expect(objectOf("{")).toBeNull();
    expect(objectOf(" ")).toEqual({});
  });
});
