// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import type { Connection, Variable } from "@/api/keyed";
import { exchange as connections } from "@/screens/connections/exchange";
import { exchange as variables } from "@/screens/variables/exchange";
import { all, asFile, ExchangeProblem, ofFile } from "./exchange";

const variable = (key: string, value: string, description: string | null = null): Variable => ({ key, value, description, is_encrypted: true, team_name: null });
const connection = (some: Partial<Connection>): Connection => ({
  connection_id: "db",
  conn_type: "postgres",
  description: null,
  host: "db.example.com",
  login: "me",
  schema: null,
  port: 5432,
  password: null,
  extra: null,
  team_name: null,
  ...some,
});

describe("a list as a file", () => {
  it("holds what the command line would write, sorted, without what is hidden", () => {
    const rows = [variable("b", '{"n": 1}', "about b"), variable("a", "text"), variable("api_key", "***"), variable("part", '{"password": "***"}')];
    const file = asFile(variables, rows);
    expect(JSON.parse(file.text)).toEqual({ a: "text", b: { value: { n: 1 }, description: "about b" }, part: { password: "***" } });
    expect(Object.keys(JSON.parse(file.text) as object)).toEqual(["a", "b", "part"]);
    expect([file.count, file.without]).toEqual([3, ["api_key", "part"]]);
  });

  it("has no passwords of connections, and says whose are missing", () => {
    const file = asFile(connections, [connection({ password: "***", extra: '{"token": "***", "ssl": true}' }), connection({ connection_id: "open" })]);
    const written = JSON.parse(file.text) as Record<string, object>;
    expect(written.db).toEqual({ conn_type: "postgres", description: null, login: "me", host: "db.example.com", port: 5432, schema: null, extra: '{"ssl":true}' });
    expect(file.without).toEqual(["db"]);
    expect(file.text).not.toContain("***");
  });

  it("is read page by page", async () => {
    const rows = Array.from({ length: 230 }, (_, at) => variable(`v${at}`, ""));
    const asked: number[] = [];
    const read = ({ limit, offset }: { limit: number; offset: number }) => {
      asked.push(offset);
      return Promise.resolve({ rows: rows.slice(offset, offset + limit), total: rows.length });
    };
    expect(await all({ read })).toHaveLength(230);
    expect(asked).toEqual([0, 100, 200]);
  });
});

describe("a file", () => {
  it("tells what is new and what is there already", () => {
    const found = ofFile(variables, '{"a": 1, "b": {"value": [1], "description": "d"}, "c": {"x": "y"}}', [variable("a", "0")]);
    expect([found.fresh, found.existing]).toEqual([["b", "c"], ["a"]]);
    expect(found.entities).toEqual([
      { key: "a", value: "1" },
      { key: "b", value: "[1]", description: "d" },
      { key: "c", value: '{"x":"y"}' },
    ]);
  });

  it("keeps a password that it says nothing of", () => {
    const text = '{"db": {"conn_type": "postgres", "port": "5432", "extra": {"ssl": true}}}';
    const [kept] = ofFile(connections, text, [connection({ password: "***" })]).entities;
    expect(kept).toMatchObject({ connection_id: "db", password: "***", port: 5432, extra: '{"ssl":true}', host: null });
    expect(ofFile(connections, text, []).entities[0]).toMatchObject({ password: null });
  });

  it("may give connections as URIs", () => {
    const { entities } = ofFile(connections, '{"a": "postgresql://me:p%40ss@db:5432/main?ssl=true&n=x", "b": {"uri": "google-cloud-platform://"}, "c": "http://https://host:8080"}', []);
    expect(entities).toEqual([
      { connection_id: "a", conn_type: "postgres", login: "me", password: "p@ss", host: "db", port: 5432, schema: "main", extra: '{"ssl":true,"n":"x"}' },
      { connection_id: "b", conn_type: "google_cloud_platform", login: null, password: null, host: "", port: null, schema: "", extra: null },
      { connection_id: "c", conn_type: "http", login: null, password: null, host: "https://host", port: 8080, schema: "", extra: null },
    ]);
  });

  it.each([
    ["{", "json"],
    ["[]", "object"],
    ['{"a": 1}', "entry"],
    ['{"a": {"host": "x"}}', "type"],
    ['{"a": {"conn_type": "x", "hots": "x"}}', "field"],
    ['{"a": "no uri"}', "uri"],
    ['{"a": "x://h:99999"}', "uri"],
    ['{"a": "{broken"}', "entry"],
  ])("that is wrong is named: %s", (text, kind) => {
    let told: unknown;
    try {
      ofFile(connections, text, []);
    } catch (error) {
      told = error;
    }
    expect(told).toBeInstanceOf(ExchangeProblem);
    expect((told as ExchangeProblem).kind).toBe(kind);
  });
});
