// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { connectionBody, draftOf } from "./draft";

const stored = {
  connection_id: "db",
  conn_type: "postgres",
  description: null,
  host: "h",
  login: "l",
  schema: null,
  port: 5432,
  password: "***",
  extra: '{"token": "***"}',
  team_name: null,
};

describe("a connection that is changed", () => {
  it("keeps its password unless a new one is given or it is to go", () => {
    const draft = draftOf(stored);
    expect(draft.password).toBe("");
    expect(connectionBody(draft, true).mask).not.toContain("password");
    expect(connectionBody({ ...draft, password: "new" }, true).body.password).toBe("new");
    const dropped = connectionBody({ ...draft, dropPassword: true }, true);
    expect(dropped.body.password).toBeNull();
    expect(dropped.mask).toContain("password");
  });

  it("sends empty fields as none, and the port as a number", () => {
    const { body } = connectionBody({ ...draftOf(stored), host: " ", port: "99" }, true);
    expect(body).toMatchObject({ host: null, port: 99, schema: null, conn_type: "postgres" });
  });
});
