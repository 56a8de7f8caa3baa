// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { extraProblem } from "./EventDialog";

describe("the extra of an event", () => {
  it("is a JSON object", () => {
    expect(extraProblem('{"rows": 3}')).toBeNull();
    expect(extraProblem("{}")).toBeNull();
  });
  it("is nothing else", () => {
    for (const text of ["", "[1]", "null", "3", '"x"', "{rows: 3}"]) expect(extraProblem(text)).not.toBeNull();
  });
});
