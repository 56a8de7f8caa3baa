import { describe, expect, it } from "vitest";
import { readTrace } from "./trace";

const MISSING = `Traceback (most recent call last):
  File "/dags/team/orders.py", line 5, in <module>
    from orders_lib import load_orders  # not installed
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/lib/other.py", line 2, in load
    import nothing
ModuleNotFoundError: No module named 'orders_lib'
`;
const SYNTAX = `  File "/dags/broken.py", line 3
    with DAG("x", schedule=None
            ^
SyntaxError: '(' was never closed
`;

describe("a traceback", () => {
  it("leads to the last frame in the file itself", () => {
    const trace = readTrace(MISSING, "team/orders.py");
    expect(trace.summary).toBe("ModuleNotFoundError: No module named 'orders_lib'");
    expect(trace.frames).toHaveLength(2);
    expect(trace.place).toEqual({
      file: "/dags/team/orders.py",
      line: 5,
      name: "<module>",
      source: "from orders_lib import load_orders  # not installed",
      marked: [0, 34],
    });
  });

  it("of a syntax error has its place too", () => {
    const trace = readTrace(SYNTAX, "broken.py");
    expect(trace.place).toMatchObject({ line: 3, name: null, source: 'with DAG("x", schedule=None', marked: [8, 9] });
    expect(trace.summary).toBe("SyntaxError: '(' was never closed");
  });

  it("that is none is shown as it is", () => {
    expect(readTrace("the file took longer than 30 s", "a.py")).toEqual({ frames: [], summary: "the file took longer than 30 s", place: null });
  });
});
