import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { states } from "@/parts/states";

const css = readFileSync(join(process.cwd(), "src/styles/tokens.css"), "utf8");

function colours(block: string | undefined): Record<string, string> {
  return Object.fromEntries([...(block ?? "").matchAll(/(--[\w-]+):\s*(#[0-9a-f]{6});/g)].map(([, name = "", value = ""]) => [name, value]));
}

const light = colours(css.match(/color-scheme: light;([^}]*)}/)?.[1]);
const [dark, system] = [...css.matchAll(/color-scheme: dark;([^}]*)}/g)].map((match) => colours(match[1]));

function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

const TEXT = 4.5;
const SHAPE = 3;
const backs = ["--background", "--surface", "--surface-raised", "--surface-sunken", "--surface-hover"];
const pairs: [string, string, number][] = [
  ...backs.flatMap((back): [string, string, number][] => [
    ["--text", back, TEXT],
    ["--text-soft", back, TEXT],
    ["--link", back, TEXT],
    ["--danger", back, TEXT],
    ["--line-strong", back, SHAPE],
    ["--focus", back, SHAPE],
  ]),
  ["--on-accent", "--accent", TEXT],
  ["--on-accent", "--accent-hover", TEXT],
  ["--on-danger", "--danger", TEXT],
  ["--link", "--accent-soft", TEXT],
  ["--text", "--accent-soft", TEXT],
  ["--danger", "--danger-soft", TEXT],
  ["--warning", "--warning-soft", TEXT],
  ["--good", "--good-soft", TEXT],
  ...["black", "red", "green", "yellow", "blue", "magenta", "cyan"].flatMap((name): [string, string, number][] =>
    ["--surface", "--surface-hover", "--accent-soft", "--danger-soft"].map((back) => [`--ansi-${name}`, back, TEXT]),
  ),
  ...["--accent-soft", "--danger-soft"].map((back): [string, string, number] => ["--text-soft", back, TEXT]),
  ["--link", "--danger-soft", TEXT],
  ["--text", "--warning-soft", TEXT],
  ["--nav-text", "--nav", TEXT],
  ["--nav-text", "--nav-active-back", TEXT],
  ["--nav-active", "--nav-active-back", TEXT],
  // Source code.
  ...["success", "running", "deferred", "up_for_retry"].map((state): [string, string, number] => [`--state-${state}-text`, "--surface", TEXT]),
  ["--text-soft", "--accent-soft", TEXT],
  ...states.flatMap((state): [string, string, number][] => [
    [`--state-${state}-text`, `--state-${state}-soft`, TEXT],
    [`--state-${state}`, "--surface", SHAPE],
    [`--state-${state}`, "--surface-hover", SHAPE],
  ]),
];

describe.each([
  ["light", light],
  ["dark", dark ?? {}],
])("the %s theme", (_, theme) => {
  it.each(pairs)("%s on %s has contrast", (front, back, least) => {
    const [a, b] = [theme[front], theme[back]];
    if (!a || !b) throw new Error(`${front} or ${back} is missing`);
    expect(contrast(a, b)).toBeGreaterThanOrEqual(least);
  });
});

it("is dark in the same way by choice and by the system", () => {
  expect(Object.keys(dark ?? {}).length).toBeGreaterThan(50);
  expect(system).toEqual(dark);
});
