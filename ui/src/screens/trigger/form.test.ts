// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import type { Param, Schema } from "@/api/work";
import { asCommand, asCurl, change, changeJson, confOf, fill, problems, refusedParam } from "./form";
import { fieldsOf, type Kind, meaning, sections, toDraft } from "./params";

const param = (value: unknown, schema: Schema = {}, position = 0): Param => ({ value, description: null, schema, position });
const ZONE = "Asia/Seoul";

describe("fields", () => {
  it("have the kind of their schema, or of their default", () => {
    const kinds = (param: Param): Kind | undefined => fieldsOf({ x: param })[0]?.kind;
    expect(kinds(param(4, { type: "integer" }))).toBe("integer");
    expect(kinds(param(0.5, { type: ["null", "number"] }))).toBe("number");
    expect(kinds(param("a", { type: "string", enum: ["a", "b"] }))).toBe("choice");
    expect(kinds(param("a\nb"))).toBe("area");
    expect(kinds(param(null, { type: "string", format: "date-time" }))).toBe("datetime");
    expect(kinds(param(["a"], { type: "array", items: { type: "string" } }))).toBe("list");
    expect(kinds(param([], { type: "array", examples: ["a", "b"] }))).toBe("several");
    expect(kinds(param([1, 2]))).toBe("json");
    expect(kinds(param({ a: 1 }, { type: "object" }))).toBe("json");
    expect(kinds(param(1, { type: ["integer", "string"] }))).toBe("json");
    expect(kinds(param(null, { const: 7 }))).toBe("fixed");
    expect(kinds(param(42))).toBe("number");
    expect(kinds(param(true))).toBe("boolean");
  });

  it("stand in the order of the DAG's file, by section", () => {
    const fields = fieldsOf({ b: param(1, { section: "S" }, 0), a: param(1, {}, 2), c: param(1, { section: "S" }, 1) });
    expect(sections(fields).map((section) => [section.name, section.fields.map((field) => field.name)])).toEqual([
      [null, ["a"]],
      ["S", ["b", "c"]],
    ]);
  });

  it("say what is wrong with what stands in them", () => {
    const check = (schema: Schema, draft: string, value: unknown = null) => {
      const [field] = fieldsOf({ x: param(value, schema) });
      if (!field) throw new Error("no field");
      return meaning(field, draft, ZONE);
    };
    expect(check({ type: "integer", minimum: 0, maximum: 50 }, "7")).toEqual({ value: 7, problem: null });
    expect(check({ type: "integer", minimum: 0, maximum: 50 }, "51").problem).toEqual({ kind: "atMost", bound: 50 });
    expect(check({ type: "integer" }, "7.5").problem).toEqual({ kind: "notInteger" });
    expect(check({ type: "number", multipleOf: 0.1 }, "0.3").problem).toBeNull();
    expect(check({ type: "string" }, "").problem).toEqual({ kind: "required" });
    expect(check({ type: "string" }, "", "")).toEqual({ value: "", problem: null });
    expect(check({ type: ["null", "string"] }, "")).toEqual({ value: null, problem: null });
    expect(check({ type: "string", minLength: 3 }, "ab").problem).toEqual({ kind: "minLength", bound: 3 });
    expect(check({ type: "string", pattern: "^a" }, "ba").problem).toEqual({ kind: "pattern" });
    expect(check({ type: "string", format: "date-time" }, "2026-01-01T02:00").value).toBe("2026-01-01T02:00:00+09:00");
    expect(check({ type: "object" }, "[1]").problem).toEqual({ kind: "notObject" });
    expect(check({ type: "object" }, "{").problem).toMatchObject({ kind: "json" });
    expect(check({ type: "array", items: { type: "string" }, maxItems: 1 }, "a\n\nb")).toEqual({ value: ["a", "b"], problem: { kind: "maxItems", bound: 1 } });
    expect(check({ enum: [1, 2, 3] }, "2", 1)).toEqual({ value: 3, problem: null });
  });

  it("show a value as it came", () => {
    const [field] = fieldsOf({ x: param(null, { type: "string", format: "date-time" }) });
    if (!field) throw new Error("no field");
    expect(toDraft(field, "2026-01-01T00:00:00Z", ZONE)).toBe("2026-01-01T09:00");
  });
});

describe("form and JSON", () => {
  const fields = fieldsOf({ n: param(4, { type: "integer" }, 0), tags: param(["a"], { type: "array", items: { type: "string" } }, 1) });

  it("are in step, in both directions", () => {
    let form = fill(fields, {}, ZONE);
    expect(confOf(form, fields, ZONE)).toEqual({ n: 4, tags: ["a"] });
    form = change(form, fields, "n", "7", ZONE);
    expect(JSON.parse(form.json)).toEqual({ n: 7, tags: ["a"] });
    form = changeJson(form, fields, '{"n": 9, "more": true}', ZONE);
    expect(form.drafts.n).toBe("9");
    expect(form.json).toBe('{"n": 9, "more": true}');
    form = change(form, fields, "tags", "x\ny", ZONE);
    expect(JSON.parse(form.json)).toEqual({ n: 9, tags: ["x", "y"], more: true });
  });

  it("keep what was typed while the JSON is wrong", () => {
    const form = changeJson(fill(fields, { n: 5 }, ZONE), fields, '{"n": ', ZONE);
    expect(form.jsonProblem).not.toBeNull();
    expect(form.drafts.n).toBe("5");
    expect(changeJson(form, fields, "[1]", ZONE).jsonProblem).toBe("{}");
    expect(problems(change(form, fields, "n", "x", ZONE), fields, ZONE)).toEqual({ n: { kind: "notInteger" } });
  });
});

it("finds the param that the server refused", () => {
  expect(refusedParam('Invalid input for param n: "x" is not of type "integer"')).toEqual({ name: "n", words: '"x" is not of type "integer"' });
  expect(refusedParam("Something else")).toBeNull();
});

it("can be copied as commands, safe for a shell", () => {
  const body = { dag_run_id: "it's", logical_date: null, conf: { n: 7 } };
  expect(asCommand("my_dag", body)).toBe(`tradewind dags trigger my_dag \\\n  --conf '{"n":7}' \\\n  --run-id 'it'\\''s'`);
  expect(asCurl("http://h/base/", "a b", body)).toContain("'http://h/base/api/v2/dags/a%20b/dagRuns'");
});
