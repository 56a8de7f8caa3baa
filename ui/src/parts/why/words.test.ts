import { describe, expect, it } from "vitest";
import type { Schemas } from "@/api/schema";
import { en } from "@/catalogue/en";
import { ko } from "@/catalogue/ko";
import { translator } from "@/catalogue/translate";
import codes from "./codes.json";
import { reasonInWords } from "./words";

type Code = Schemas["DependencyCode"];

const TALLY = { total: 9, success: 3, failed: 1, upstream_failed: 0, skipped: 0, removed: 0, open: 5 };
const SAMPLES: Record<string, unknown> = {
  state: "failed",
  at: "2022-06-06T17:00:00Z",
  date: "2022-06-06T17:00:00Z",
  rule: "all_success",
  upstream: TALLY,
  setups: TALLY,
  work: { ...TALLY, total: 4 },
  in_the_way: [
    { task_id: "load", map_index: 3, state: "running" },
    { task_id: "check", map_index: -1, state: null },
  ],
  more: 2,
  task_ids: ["list_files"],
  running_ids: ["a", "b", "c", "d", "e", "f"],
  earlier_ids: ["g"],
};

/** Values like the server's: counts are numbers, all else is text. */
function valuesOf(code: Code): Record<string, unknown> {
  const numbers = /^(size|map_index|limit|takes|free|slots|holding|waiting|active|running|earlier|seconds|others)$/;
  return Object.fromEntries(codes[code].map((name, at) => [name, SAMPLES[name] ?? (numbers.test(name) ? 11 + at : `the_${name}`)]));
}

const tools = (locale: "en" | "ko") => ({
  t: translator(locale === "en" ? en : ko, locale),
  locale,
  time: () => "2022-06-07 02:00:00 KST",
});

describe("the reasons why something does not run", () => {
  it.each(Object.keys(codes) as Code[])("%s has words in both languages, which use what the server gives", (code) => {
    const values = valuesOf(code);
    const [english, korean] = [reasonInWords({ code, values }, tools("en")), reasonInWords({ code, values }, tools("ko"))];
    for (const words of [english, korean]) {
      expect(words).not.toMatch(/why\.|\{|undefined|\[object/);
      for (const text of ["run_id", "dag_id", "task_id", "pool", "queue", "file", "error", "after", "key"]) {
        if (text in values && text !== "dag_id") expect(words).toContain(String(values[text]));
      }
    }
    expect(korean).toMatch(/[가-힣]/);
    expect(korean.replace(/the_\w+|[a-z_]+\[?/g, "")).not.toMatch(/[a-z]/);
    expect(english).not.toBe(korean);
  });

  it("says what a trigger rule sees", () => {
    const values = { ...valuesOf("trigger_rule"), setups: null, work: null };
    expect(reasonInWords({ code: "trigger_rule", values }, tools("en"))).toBe(
      "Rule all_success. Before it: 9 in all, Success 3, Failed 1, Not finished 5. In the way: load[3] (Running), check (No status) and 2 more.",
    );
    expect(reasonInWords({ code: "trigger_rule", values }, tools("ko"))).toContain("load[3](실행 중)");
  });

  it("names the runs whose turn is before", () => {
    const values = { limit: 1, running: 1, running_ids: ["r1"], earlier: 2, earlier_ids: ["r2", "r3"] };
    expect(reasonInWords({ code: "max_active_runs", values }, tools("en"))).toBe("Running now: 1 of 1 allowed (max_active_runs): r1. Queued before it: 2 (r2, r3).");
    expect(reasonInWords({ code: "max_active_runs", values: { ...values, earlier: 0, earlier_ids: [] } }, tools("en"))).not.toContain("before it");
  });
});
