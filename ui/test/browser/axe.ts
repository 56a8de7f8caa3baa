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
  const more = await contrast(page);
  await set(theme);
  return [...found, ...more.map((line) => `${other}: ${line}`)];
}

/** What a change of colours can break on a page that axe has looked at. */
export const contrast = (page: Page) => lookTwice(page, { type: "rule", values: ["color-contrast", "link-in-text-block"] });

const ALL = { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] };

async function lookTwice(page: Page, rules = ALL): Promise<string[]> {
  const found = await look(page, rules);
  // A page that is busy may change while it is looked at (a button that wakes up): only what is still there counts.
  return found.length > 0 ? await look(page, rules) : found;
}

async function look(page: Page, rules: typeof ALL): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(source);
  const found = await page.evaluate(async (runOnly) => {
    const { axe } = globalThis as unknown as { axe: { run: (options: unknown) => Promise<{ violations: Finding[] }> } };
    return (await axe.run({ runOnly, resultTypes: ["violations"] })).violations;
  }, rules);
  return found.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.html.slice(0, 200)} ${node.failureSummary ?? ""}`));
}
