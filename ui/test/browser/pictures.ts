import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, it } from "vitest";
import { type Look, openBrowser, openContext, signIn } from "./browser";
import { Product } from "./product";
import { channels, FILES, furnish, pathOf, screens, settled } from "./screens";
import { until } from "./until";

/** Those of the README go into docs/images; `ALL=folder` makes one of each screen in both themes and languages. */
const all = process.env.ALL;
const folder = all ?? join(import.meta.dirname, "../../../docs/images");

let product: Product;
let browser: Browser;

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  product = await Product.start(FILES, await channels());
  browser = await openBrowser();
  await furnish(product);
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
});

async function take(look: Look, name: string, page: Page): Promise<void> {
  await settled(page);
  await page.mouse.move(0, 0);
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: all !== undefined && look.width === undefined });
}

async function unpauseDialog(page: Page, name: RegExp): Promise<void> {
  await page.goto("dags");
  await page.getByRole("switch", { name }).click();
  await page.getByRole("dialog").waitFor();
}

/** Dialogs, and how each is opened in any language. */
const dialogs: readonly [string, string | ((product: Product) => Promise<string>), (page: Page) => Promise<unknown>][] = [
  ["clear", pathOfScreen("task-log"), (page) => page.keyboard.press("Shift+C")],
  ["mark", pathOfScreen("task-log"), (page) => page.keyboard.press("Shift+S")],
  ["connection", "connections", (page) => page.locator("tbody button").nth(1).click()],
  ["connections-export", "connections", (page) => page.getByRole("button", { name: /^(Export|내보내기)$/ }).click()],
  ["connections-import", "connections", (page) => page.getByRole("button", { name: /^(Import|가져오기)$/ }).click()],
  ["pool", "pools", (page) => page.locator("header button").last().click()],
  ["settings", "", (page) => page.getByRole("button", { name: /^(Settings|설정)$/ }).click()],
  ["shortcuts", "dags/past_waits", (page) => page.keyboard.press("?")],
  ["bulk", "dags", bulk],
];

function pathOfScreen(name: string): (product: Product) => Promise<string> {
  return async (product) => {
    const screen = screens.find((one) => one.name === name);
    return screen ? pathOf(screen, product) : "";
  };
}

async function bulk(page: Page): Promise<void> {
  await page.getByRole("checkbox").first().check();
  await page.getByRole("button", { name: /^(Unpause|일시 중지 해제)$/ }).click();
}

/** Runs of a DAG with a group, a branch and a mapped task. */
async function runs(sizes: readonly number[]): Promise<void> {
  for (const n of sizes) await product.call("POST", "/api/v2/dags/taskflow_etl/dagRuns", { logical_date: null, conf: { n } });
  await until("all runs have ended", 90_000, async () => {
    const list = await product.call<{ total_entries: number }>("GET", "/api/v2/dags/taskflow_etl/dagRuns?state=success");
    return list.total_entries > sizes.length;
  });
}

it.runIf(all === undefined)("pictures of the README", async () => {
  await runs([3, 1, 6, 2, 9, 4, 5, 2, 7, 3, 1, 8, 4, 6]);
  const look: Look = { theme: "light", zone: "Asia/Seoul", width: 1280, height: 800 };
  const { context, page } = await openContext(browser, product, look);
  await signIn(page, product);
  const wanted = screens.filter(({ name }) => ["home", "dags"].includes(name));
  for (const screen of wanted) {
    await page.goto(await pathOf(screen, product));
    await screen.ready(page);
    await take(look, screen.name, page);
  }
  await page.goto("dags/taskflow_etl");
  await page.getByRole("rowheader", { name: "square" }).waitFor();
  await take(look, "dag-grid", page);
  await unpauseDialog(page, /seoul_backlog/);
  await take(look, "unpause", page);
  await context.close();
  const dark = await openContext(browser, product, { ...look, theme: "dark", language: "ko" });
  await signIn(dark.page, product, "dags");
  await dark.page.getByRole("link", { name: "catchup_backlog", exact: true }).waitFor();
  await take(look, "dags-dark-ko", dark.page);
  await dark.context.close();
});

it.runIf(all !== undefined)("pictures of every screen", async () => {
  for (const theme of ["light", "dark"] as const) {
    for (const language of ["en", "ko"] as const) {
      const look: Look = { theme, language, zone: "dag" };
      const { context, page } = await openContext(browser, product, look);
      await page.goto("auth/login");
      await page.locator("input[name=password]").waitFor();
      await take(look, `sign-in-${theme}-${language}`, page);
      await signIn(page, product);
      for (const screen of screens) {
        await page.goto(await pathOf(screen, product));
        await screen.ready(page);
        await take(look, `${screen.name}-${theme}-${language}`, page);
      }
      await unpauseDialog(page, /seoul_backlog/);
      await take(look, `unpause-${theme}-${language}`, page);
      await page.keyboard.press("Escape");
      for (const [name, path, open] of dialogs) {
        await page.goto(typeof path === "string" ? path : await path(product));
        await page.getByRole("heading", { level: 1 }).waitFor();
        await settled(page);
        await open(page);
        await page.locator("dialog[open]").waitFor();
        await take(look, `${name}-${theme}-${language}`, page);
      }
      await page.goto("dags");
      await page.getByRole("checkbox").nth(2).check();
      await page.getByRole("checkbox").nth(3).check();
      await take(look, `dags-selected-${theme}-${language}`, page);
      await page.keyboard.press("Control+k");
      await page.locator("dialog [role=combobox]").waitFor();
      await take(look, `palette-${theme}-${language}`, page);
      await context.close();
    }
  }
});

it.runIf(all !== undefined)("pictures of every screen in a narrow window", async () => {
  const phone: Look = { width: 390, height: 844 };
  const { context, page } = await openContext(browser, product, phone);
  await signIn(page, product);
  for (const screen of screens) {
    await page.goto(await pathOf(screen, product));
    await screen.ready(page);
    await take(phone, `${screen.name}-phone`, page);
  }
  await context.close();
});
