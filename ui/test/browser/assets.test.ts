import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { axe } from "./axe";
import { openBrowser, openContext, signIn } from "./browser";
import { Product } from "./product";
import { until } from "./until";

let product: Product;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let problems: string[];

const CONSUMERS = ["wants_any", "wants_both"] as const;
const runsOf = (dag: string) => product.call<{ dag_runs: { dag_run_id: string; state: string }[] }>("GET", `/api/v2/dags/${dag}/dagRuns`).then((found) => found.dag_runs);

beforeAll(async () => {
  product = await Product.start(["assets.py"]);
  browser = await openBrowser();
  ({ context, page, problems } = await openContext(browser, product));
  for (const dag of CONSUMERS) {
    await product.dag(dag);
    await product.call("PATCH", `/api/v2/dags/${dag}?update_mask=is_paused`, { is_paused: false });
  }
});

afterAll(async () => {
  await context?.close();
  await browser?.close();
  await product?.stop();
});

/** Goes on by Tab until what is wanted has the focus. */
async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  const wanted = page.getByRole("button", { name }).first();
  for (let step = 0; step < 60; step += 1) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not lead to ${name}`);
}

describe("an asset", () => {
  it("is updated by keys alone, and the run that this starts is seen at once, with the focus where it was", async () => {
    await signIn(page, product);
    await page.getByText("default_pool").waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("s");
    await page.getByRole("heading", { name: "Assets" }).waitFor();
    await page.evaluate(() => Object.assign(globalThis, { neverReloaded: true }));
    await page.getByRole("searchbox").focus();
    await page.keyboard.type("rates");
    await page.waitForURL(/search=rates/);
    await page.getByRole("row", { name: /prices/ }).waitFor({ state: "detached" });
    await tabTo(page, /^rates/);
    await page.keyboard.press("Enter");
    await page.getByText("No event yet").waitFor();
    await page.getByRole("row").getByText("wants_any").waitFor();
    expect(await axe(page)).toEqual([]);

    await tabTo(page, "Create event");
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "Create an event of rates" });
    await dialog.getByText(/and may start: .*wants_any/).waitFor();
    const extra = dialog.getByLabel("Extra");
    expect(await extra.evaluate((field) => field === document.activeElement)).toBe(true);
    await page.keyboard.press("Control+a");
    await page.keyboard.type("[1]");
    await dialog.getByText(/^This is not a JSON object/).waitFor();
    expect(await dialog.getByRole("button", { name: "Create event" }).isDisabled()).toBe(true);
    expect(await axe(page)).toEqual([]);
    await page.keyboard.press("Control+a");
    await page.keyboard.type('{"from": "the bank"}');
    await tabTo(page, "Cancel");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByText("rates has a new event").waitFor();
    await dialog.waitFor({ state: "detached" });
    await page.getByText('"from":"the bank"').waitFor();
    // The run is made after the event: it comes without being asked for.
    const run = page.getByRole("listitem").filter({ hasText: "by hand" }).getByRole("link", { name: "wants_any" });
    await run.waitFor();
    const create = page.getByRole("button", { name: "Create event" });
    expect(await create.evaluate((button) => button === document.activeElement)).toBe(true);
    await run.click();
    await page.getByRole("heading", { level: 1 }).getByText("Success").waitFor();
    const [made] = await runsOf("wants_any");
    expect(decodeURIComponent(page.url())).toContain(`/dags/wants_any/runs/${made?.dag_run_id}`);
    await page.getByText("By an asset").waitFor();

    // What others change leaves alone who types.
    await page.goBack();
    const search = page.getByRole("searchbox");
    await search.fill("ra");
    const row = page.getByRole("row", { name: /^rates/ });
    await row.waitFor();
    const last = () => row.locator("time").first().getAttribute("datetime");
    const before = await last();
    const { assets } = await product.call<{ assets: { id: number; name: string }[] }>("GET", "/api/v2/assets?name_pattern=rates");
    await product.call("POST", "/api/v2/assets/events", { asset_id: assets[0]?.id, extra: {} });
    await until("the new update is seen", 30_000, async () => (await last()) !== before);
    expect(await search.evaluate((field) => field === document.activeElement)).toBe(true);
    await page.keyboard.type("te");
    expect(await search.inputValue()).toBe("rate");
    expect(await page.evaluate(() => "neverReloaded" in globalThis)).toBe(true);
    expect(problems).toEqual([]);
  });

  it("waits in the queue of a DAG that wants more, which says so, until it is forgotten", async () => {
    await page.evaluate(() => localStorage.setItem("tradewind.settings", JSON.stringify({ language: "ko", theme: "dark" })));
    await page.goto("dags/wants_both");
    const waiting = page.getByRole("region", { name: "이 DAG가 기다리는 애셋" });
    await waiting.getByText("마지막 실행 이후 애셋 2개 중 0개가 갱신되었습니다.").waitFor();
    // A task of another DAG writes one of the two.
    await product.call("PATCH", "/api/v2/dags/makes_orders?update_mask=is_paused", { is_paused: false });
    await product.call("POST", "/api/v2/dags/makes_orders/dagRuns", { logical_date: null, conf: { rows: 7 } });
    await waiting.getByText("마지막 실행 이후 애셋 2개 중 1개가 갱신되었습니다.").waitFor();
    expect(await axe(page)).toEqual([]);
    await waiting.getByRole("link", { name: "orders" }).click();
    await page.getByRole("button", { name: /^orders/ }).click();
    await page.getByText('{"rows":7}').waitFor();
    await page.getByRole("link", { name: /^makes_orders/ }).last().waitFor();
    const queue = page.getByRole("listitem").filter({ hasText: "wants_both" }).filter({ has: page.getByRole("button", { name: "제외" }) });
    expect(await axe(page)).toEqual([]);
    await queue.getByRole("button", { name: "제외" }).focus();
    await page.keyboard.press("Enter");
    await page.getByText("기다리는 DAG가 없습니다").waitFor();
    await page.waitForFunction(() => document.activeElement !== document.body);
    expect(await runsOf("wants_both")).toEqual([]);
    await page.getByRole("button", { name: "이벤트 만들기" }).click();
    await page.getByRole("dialog", { name: "orders 이벤트 만들기" }).getByText(/wants_both/).waitFor();
    expect(await axe(page)).toEqual([]);
    await page.keyboard.press("Escape");
    expect(problems).toEqual([]);
  });
});
