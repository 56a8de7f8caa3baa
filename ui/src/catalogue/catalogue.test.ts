import { describe, expect, it } from "vitest";
import { en } from "./en";
import { ko } from "./ko";
import { pseudo } from "./pseudo";
import { translator } from "./translate";
import type { Catalogue, Part } from "./types";

function texts(part: Part, path = ""): [string, string][] {
  return Object.entries(part).flatMap(([key, value]) =>
    typeof value === "string" ? [[path + key, value] as [string, string]] : texts(value as Part, `${path}${key}.`),
  );
}
const places = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

describe("the catalogues", () => {
  const english = new Map(texts(en as unknown as Part));
  const korean = texts(ko as unknown as Part);

  it("have the same places in each text", () => {
    for (const [key, text] of korean) {
      const original = english.get(key) ?? english.get(key.replace(/\.(zero|one|other)$/, ".other"));
      expect(original, key).toBeDefined();
      if (!/\.(zero|one)$/.test(key)) expect(places(text), key).toEqual(places(original ?? ""));
    }
  });

  it("say everything in Korean that has words", () => {
    const same = korean.filter(([key, text]) => english.get(key) === text && /[a-z]{3,}/.test(text) && !/^\{\w+\}$/.test(text));
    expect(same.map(([key]) => key)).toEqual(["shell.version"]);
  });
});

describe("a translation", () => {
  const catalogue = { a: "{name} has {n}", b: { zero: "nothing", one: "{count} run", other: "{count} runs" } } as unknown as Catalogue;
  const t = translator(catalogue, "en") as (key: string, values?: Record<string, string | number>) => string;

  it("fills places and chooses by number", () => {
    expect(t("a", { name: "x", n: 12_345 })).toBe("x has 12,345");
    expect([0, 1, 412].map((count) => t("b", { count }))).toEqual(["nothing", "1 run", "412 runs"]);
  });

  it("shows the key where there is no text, so that it is seen", () => {
    expect(t("a.missing")).toBe("a.missing");
  });

  it("is marked in the language that finds unwrapped text", () => {
    const marked = translator(pseudo(catalogue), "en") as typeof t;
    expect(marked("a", { name: "dag", n: 2 })).toBe("⟦dag hàš 2⟧");
  });
});
