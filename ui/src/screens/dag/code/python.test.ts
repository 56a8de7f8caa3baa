import { describe, expect, it } from "vitest";
import { type Kind, lineOfTask, tokenize } from "./python";

const kinds = (line: string): [Kind, string][] => (tokenize(line)[0] ?? []).filter((one) => one.text.trim()).map((one) => [one.kind, one.text.trim()]);

describe("the tokens of Python", () => {
  it("are words, texts, numbers and comments", () => {
    expect(kinds("def load(n=12): # all")).toEqual([
      ["keyword", "def"],
      ["name", "load"],
      ["plain", "(n="],
      ["number", "12"],
      ["plain", "):"],
      ["comment", "# all"],
    ]);
    expect(kinds("@task.branch(retries=2)")[0]).toEqual(["decorator", "@task.branch"]);
    expect(kinds("a = b @ c")).toEqual([["plain", "a = b @ c"]]);
    expect(kinds("x = f'a # \\' {b}' # c").map(([kind]) => kind)).toEqual(["plain", "string", "comment"]);
    expect(kinds("n = 0x_ff + 1_000.5e-3j").filter(([kind]) => kind === "number").map(([, text]) => text)).toEqual(["0x_ff", "1_000.5e-3j"]);
  });

  it("know soft keywords only where they are ones", () => {
    expect(kinds("match = re.match(x)").every(([kind]) => kind === "plain")).toBe(true);
    expect(kinds("match command:")[0]).toEqual(["keyword", "match"]);
    expect(kinds("type(x)").every(([kind]) => kind === "plain")).toBe(true);
  });

  it("follow texts over lines", () => {
    const source = 'a = """one # no\ntwo \\""" still\nend""" + b\nif x: pass';
    const lines = tokenize(source);
    expect(lines.map((line) => line.map((one) => one.kind))).toEqual([["plain", "string"], ["string"], ["string", "plain"], ["keyword", "plain", "keyword"]]);
  });

  it("lose nothing, whatever they are given", () => {
    for (const source of ["", "\n\n", "'open", '"""never closed\nx', "é = 'ü'\t# 한국어", "\\", "0777 1.__class__ .5", "'a\\\nb'"]) {
      expect(tokenize(source).map((line) => line.map((one) => one.text).join("")).join("\n")).toBe(source);
    }
  });
});

it("finds where a task is defined", () => {
  const lines = ["from x import y", "@task", "def load_part(n):", "    return n", "Bash(task_id='load', bash_command='load_part')", 'for name in ["orders"]:'];
  expect(lineOfTask(lines, "load_part")).toBe(3);
  expect(lineOfTask(lines, "load")).toBe(5);
  expect(lineOfTask(lines, "extract.orders")).toBe(6);
  expect(lineOfTask(lines, "gone")).toBeNull();
});
