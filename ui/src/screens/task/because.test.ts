import { describe, expect, it } from "vitest";
import { en } from "@/catalogue/en";
import { ko } from "@/catalogue/ko";
import { translator } from "@/catalogue/translate";
import { because } from "./because";

const tools = (locale: "en" | "ko") => ({ t: translator(locale === "en" ? en : ko, locale), time: (value: string) => `at ${value}` });

describe("because", () => {
  it("words a code in both languages", () => {
    const marked = { why: "marked failed by ann", code: "marked", values: { state: "failed", by: "ann" } } as const;
    expect(because(marked, tools("en"))).toBe("Marked as Failed by ann");
    expect(because(marked, tools("ko"))).toBe("ann 님이 실패로 표시함");
    const again = { why: "looks again at ...", code: "looks_again_at", values: { at: "2022-06-06T17:00:00Z" } } as const;
    expect(because(again, tools("en"))).toBe("Looks again at at 2022-06-06T17:00:00Z");
  });

  it("leaves what a task said as it is, and names nobody when nobody is known", () => {
    expect(because({ why: "KeyError: 'x'", code: null, values: {} }, tools("ko"))).toBe("KeyError: 'x'");
    expect(because({ why: null, code: null, values: {} }, tools("en"))).toBe("");
    expect(because({ why: "cleared by somebody", code: "cleared", values: { by: null } }, tools("en"))).toBe("Cleared by somebody");
  });

  it("has a place for every value of every code", () => {
    for (const code of Object.keys(en.task.because) as (keyof typeof en.task.because)[]) {
      for (const locale of ["en", "ko"] as const) {
        const text = because({ why: "", code, values: { state: "failed", by: "ann", at: "2022-06-06T17:00:00Z", times: 3 } }, tools(locale));
        expect(text, `${locale} ${code}`).not.toMatch(/[{}]|^$/);
      }
    }
  });
});
