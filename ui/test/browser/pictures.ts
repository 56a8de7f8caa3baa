import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, it } from "vitest";
import { BOUND, type Look, openBrowser, openContext, signIn } from "./browser";
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
  product = await Product.start([...FILES, ...(all === undefined ? [] : MORE)], await channels());
  browser = await openBrowser();
  await furnish(product);
  if (all !== undefined) await furnishMore();
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

/** DAGs that only the pictures of every screen need: assets and their readers, a backfill that holds. */
const MORE = ["assets.py", "held_days.py"];

async function furnishMore(): Promise<void> {
  const dags = ["makes_orders", "wants_both", "wants_any", "held_days"];
  for (const dag of dags) {
    await product.dag(dag);
    await product.call("PATCH", `/api/v2/dags/${dag}?update_mask=is_paused&from_now=true`, { is_paused: false });
  }
  await product.call("POST", "/api/v2/dags/makes_orders/dagRuns", { logical_date: null, conf: { rows: 1204 } });
  await product.call("POST", "/api/v2/assets/events", { asset_id: await assetId("rates"), extra: { source: "the bank", day: "2024-05-01" } });
  const range = { dag_id: "held_days", from_date: "2024-03-01T00:00:00Z", to_date: "2024-03-12T00:00:00Z", max_active_runs: 2 };
  await product.call("POST", "/api/v2/backfills", range);
  const total = (path: string) => product.call<{ total_entries: number }>("GET", path).then((list) => list.total_entries);
  await until("assets were updated, and the backfill runs", 60_000, async () => {
    const held = await total("/api/v2/dags/held_days/dagRuns?state=running");
    return held === 2 && (await total("/api/v2/dags/wants_any/dagRuns?state=success")) > 0 && (await total(`/api/v2/assets/${await assetId("orders")}/queuedEvents`)) > 0;
  });
}

const assetId = async (name: string): Promise<number | undefined> =>
  (await product.call<{ assets: { id: number; name: string }[] }>("GET", "/api/v2/assets?limit=100")).assets.find((asset) => asset.name === name)?.id;

const newest = async (dag: string, state: string): Promise<string> => {
  const { dag_runs: found } = await product.call<{ dag_runs: { dag_run_id: string }[] }>("GET", `/api/v2/dags/${dag}/dagRuns?state=${state}&limit=1`);
  return `dags/${dag}/runs/${encodeURIComponent(found[0]?.dag_run_id ?? "")}`;
};

/** Screens that the tests of every screen leave to the tests of their own. */
const more: readonly [string, () => string | Promise<string>][] = [
  ["asset-open", async () => `assets?asset=${await assetId("orders")}`],
  ["asset-by-hand", async () => `assets?search=rates&asset=${await assetId("rates")}`],
  ["assets-nothing", () => "assets?search=no-such-asset"],
  ["dag-awaited", () => "dags/wants_both"],
  ["dag-backfill", () => "dags/held_days"],
  ["run-backfill", () => newest("held_days", "running")],
  ["run-by-asset", () => newest("wants_any", "success")],
  ["task-others", async () => `${await newest("asks_people", "running")}/tasks/others`],
  ["pool-use", () => "pools?pool=default_pool"],
  ["alerts-nothing", () => "alerts?state=held"],
  ["trigger-paused", () => "dags/seoul_backlog/trigger"],
];

/** Pauses the backfill that is under way; gives what resumes it. */
async function backfillPaused(page: Page): Promise<() => Promise<unknown>> {
  const found = await product.call<{ backfills: { id: number }[] }>("GET", "/api/v2/backfills?dag_id=held_days&active=true");
  const id = found.backfills[0]?.id;
  await product.call("PUT", `/api/v2/backfills/${id}/pause`);
  await page.getByText(/^(A backfill is paused|백필 일시 중지됨)$/).waitFor();
  return () => product.call("PUT", `/api/v2/backfills/${id}/unpause`);
}

async function backfillForm(page: Page, days: readonly string[]): Promise<void> {
  await page.getByRole("button", { name: /^(Backfill|백필)$/ }).click();
  const dates = page.locator("dialog input[type=date]");
  for (const [index, day] of days.entries()) await dates.nth(index).fill(day);
  if (days.length > 0) await page.locator("dialog h3").waitFor();
}

async function unpauseDialog(page: Page, name: RegExp): Promise<void> {
  await page.goto("dags");
  await page.getByRole("switch", { name }).click();
  await page.getByRole("dialog").waitFor();
}

/** Presses a key until its dialog is there: on a busy machine a page is seen a moment before it listens. */
async function press(page: Page, keys: string): Promise<void> {
  await until(`${keys} opens a dialog`, BOUND, async () => {
    await page.keyboard.press(keys);
    return page.locator("dialog[open]").waitFor({ timeout: 1000 }).then(() => true, () => false);
  });
}

/** Dialogs, and how each is opened in any language. */
const dialogs: readonly [string, string | ((product: Product) => Promise<string>), (page: Page) => Promise<unknown>][] = [
  ["clear", pathOfScreen("task-log"), (page) => press(page, "Shift+C")],
  ["mark", pathOfScreen("task-log"), (page) => press(page, "Shift+S")],
  ["connection", "connections", (page) => page.locator("tbody button").nth(1).click()],
  ["connections-export", "connections", (page) => page.getByRole("button", { name: /^(Export|내보내기)$/ }).click()],
  ["connections-import", "connections", (page) => page.getByRole("button", { name: /^(Import|가져오기)$/ }).click()],
  ["pool", "pools", (page) => page.locator("header button").last().click()],
  ["settings", "", (page) => page.getByRole("button", { name: /^(Settings|설정)$/ }).click()],
  ["shortcuts", "dags/past_waits", (page) => press(page, "?")],
  ["bulk", "dags", bulk],
  ["asset-event", "assets?search=rates", (page) => page.locator("tbody button").last().click()],
  ["backfill-form", "dags/catchup_backlog", (page) => backfillForm(page, [])],
  ["backfill-dates", "dags/seoul_backlog", (page) => backfillForm(page, ["2024-03-01", "2024-05-31"])],
  ["backfill-none", "dags/seoul_backlog", (page) => backfillForm(page, ["2022-05-01", "2022-05-31"])],
  ["alert-test", "alerts", (page) => page.locator("li button").nth(2).click()],
  ["note", pathOfScreen("task-log"), (page) => page.locator("header button").filter({ hasText: /note|메모/i }).click()],
  ["variable", "variables", (page) => page.locator("header button").last().click()],
  ["variable-delete", "variables", (page) => page.locator("tbody button").last().click()],
  ["clear-run", pathOfScreen("run"), (page) => press(page, "Shift+C")],
  ["mark-run", pathOfScreen("run"), (page) => press(page, "Shift+F")],
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
      for (const [name, path] of more) {
        await page.goto(await path());
        await page.getByRole("heading", { level: 1 }).waitFor();
        await take(look, `${name}-${theme}-${language}`, page);
      }
      await page.goto("dags/held_days");
      const resume = await backfillPaused(page);
      await take(look, `dag-backfill-paused-${theme}-${language}`, page);
      await resume();
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
  for (const [name, path] of more) {
    await page.goto(await path());
    await page.getByRole("heading", { level: 1 }).waitFor();
    await take(phone, `${name}-phone`, page);
  }
  await context.close();
});
