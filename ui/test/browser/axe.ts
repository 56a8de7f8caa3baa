import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Finding {
  id: string;
  help: string;
  nodes: { html: string; failureSummary?: string }[];
}

/** What axe finds against WCAG 2.2 AA and its own best practices, a line for each element; of a dialog, which few tests open, in both themes. */
export async function axe(page: Page): Promise<string[]> {
  const found = await lookTwice(page);
  if ((await page.locator("dialog[open]").count()) === 0) return found;
  const theme = await page.evaluate(() => document.documentElement.dataset.theme ?? "light");
  const other = theme === "dark" ? "light" : "dark";
  const set = (to: string) => page.evaluate((value) => void (document.documentElement.dataset.theme = value), to);
  await set(other);
  const more = await lookTwice(page);
  await set(theme);
  return [...found, ...more.map((line) => `${other}: ${line}`)];
}

async function lookTwice(page: Page): Promise<string[]> {
  const found = await look(page);
  // A page that is busy may change while it is looked at (a button that wakes up): only what is still there counts.
  return found.length > 0 ? await look(page) : found;
}

async function look(page: Page): Promise<string[]> {
  await page.evaluate(source);
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run: (options: unknown) => Promise<{ violations: Finding[] }> } };
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    return (await axe.run({ runOnly: { type: "tag", values: tags }, resultTypes: ["violations"] })).violations;
  });
  return found.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.html.slice(0, 200)} ${node.failureSummary ?? ""}`));
}
