import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openBrowser, openContext, signIn } from "./browser";
import { Product } from "./product";

/* A year of a DAG of 274 tasks (100,010 squares), measured: `make measure-ui`. It prints figures; nothing here fails by time. */

let product: Product;
let browser: Browser;

beforeAll(async () => {
  product = await Product.start(["wide.py"]);
  await product.dag("wide");
  const database = ["tradewind.db", "airflow.db"].map((name) => join(product.home, name)).find((path) => existsSync(path));
  if (!database) throw new Error(`no database in ${product.home}`);
  execFileSync(process.env.TRADEWIND_PYTHON ?? "python3", [join(import.meta.dirname, "year.py"), database]);
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
});

const told = (what: string, value: string) => process.stdout.write(`${what.padEnd(58)} ${value}\n`);

/** The quickest of some tries: the others tell how busy the machine is. */
async function answer(path: string): Promise<{ ms: number; bytes: number }> {
  let best = { ms: Number.POSITIVE_INFINITY, bytes: 0 };
  for (let at = 0; at < 5; at += 1) {
    const began = performance.now();
    const text = await fetch(product.url + path, { headers: { Authorization: `Bearer ${product.token}` } }).then((response) => response.text());
    const ms = performance.now() - began;
    if (ms < best.ms) best = { ms, bytes: text.length };
  }
  return best;
}

/** The gaps between frames while the grid is scrolled by `by` pixels with each. */
function scrolled(page: Page, by: { x: number; y: number }): Promise<number[]> {
  return page.evaluate(async ({ x, y }) => {
    const scroller = document.querySelector("[role=grid]")?.parentElement;
    if (!scroller) throw new Error("no grid");
    const frame = () => new Promise<number>((done) => requestAnimationFrame(done));
    const gaps: number[] = [];
    let before = await frame();
    for (let count = 0; count < 180; count += 1) {
      scroller.scrollLeft += x;
      scroller.scrollTop += y;
      const now = await frame();
      gaps.push(now - before);
      before = now;
    }
    return gaps;
  }, by);
}

function words(gaps: readonly number[]): string {
  const sorted = [...gaps].sort((a, b) => a - b);
  const at = (part: number) => (sorted[Math.floor((sorted.length - 1) * part)] ?? 0).toFixed(1);
  const sum = gaps.reduce((all, gap) => all + gap, 0);
  return `${((1000 * gaps.length) / sum).toFixed(0)} frames/s; between frames median ${at(0.5)} ms, 95 % ${at(0.95)} ms, most ${at(1)} ms`;
}

it("a year of 274 tasks", async () => {
  for (const [name, path] of [
    ["plain", "grid"],
    ["packed", "grid/packed"],
  ] as const) {
    const { ms, bytes } = await answer(`/api/v2/tradewind/dags/wide/${path}?limit=366`);
    told(`365 x 274, ${name} form`, `${(bytes / 1e6).toFixed(2)} MB in ${ms.toFixed(0)} ms`);
  }
  const { context, page, problems } = await openContext(browser, product);
  await signIn(page, product, "dags");
  const began = performance.now();
  await page.goto("dags/wide");
  await page.getByRole("rowheader", { name: "step_0" }).first().waitFor();
  await page.locator("canvas").first().waitFor();
  told("from the address to the first squares", `${(performance.now() - began).toFixed(0)} ms`);
  // Older runs are read as one goes back.
  for (let runs = 0; runs < 365; ) {
    await page.evaluate(() => {
      const scroller = document.querySelector("[role=grid]")?.parentElement;
      if (scroller) scroller.scrollLeft = 0;
    });
    const more = page.getByRole("button", { name: "Older runs" });
    if (await more.isEnabled()) await more.click();
    await page.waitForFunction((before) => Number(document.querySelector("[role=grid]")?.getAttribute("aria-colcount")) - 1 > before, runs);
    runs = Number(await page.locator("[role=grid]").getAttribute("aria-colcount")) - 1;
  }
  const there = await page.locator("[role=grid]").evaluate((grid) => ({ cells: grid.querySelectorAll("[role=gridcell]").length, tiles: grid.querySelectorAll("canvas").length }));
  told("of 100,010 squares there are", `${there.cells} elements on ${there.tiles} canvases`);
  expect(there.cells).toBeLessThan(8000);
  told("scrolled sideways, 60 px a frame", words(await scrolled(page, { x: 60, y: 0 })));
  told("scrolled down, 40 px a frame", words(await scrolled(page, { x: 0, y: 40 })));
  told("scrolled back across, 50 px a frame", words(await scrolled(page, { x: -50, y: -30 })));
  const heap = await page.evaluate(() => (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize);
  told("JavaScript heap", `${(heap / 1e6).toFixed(0)} MB`);
  expect(problems).toEqual([]);
  await context.close();
});
