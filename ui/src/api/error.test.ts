import { describe as suite, expect, it } from "vitest";
import { ApiError, describe } from "./error";

suite("what went wrong, in words", () => {
  it("reads every shape of detail the server sends", () => {
    expect(describe({ detail: "DAG x was not found" }, "?")).toBe("DAG x was not found");
    expect(describe({ detail: [{ loc: ["body", "conf", "n"], msg: "Input should be a number" }] }, "?")).toBe(
      "conf.n: Input should be a number",
    );
    expect(describe({ detail: { reason: "Database unavailable", message: "See the log, ID 1" } }, "?")).toBe(
      "Database unavailable. See the log, ID 1",
    );
    expect(describe("", "Bad Gateway")).toBe("Bad Gateway");
  });

  it("tells a lost session from a role that does not suffice", () => {
    const error = (status: number, detail: string) => new ApiError("GET", "/x", status, detail);
    expect(error(401, "Token Expired").signedOut).toBe(true);
    expect(error(403, "Invalid JWT token").signedOut).toBe(true);
    expect(error(403, "Forbidden").signedOut).toBe(false);
    expect(error(503, "").transient).toBe(true);
    expect(error(404, "").transient).toBe(false);
  });
});
