import { writeFileSync } from "node:fs";
import { join } from "node:path";
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

interface Run {
  state: string;
  run_type: string;
}
const states = async () => {
  const { dag_runs: runs } = await product.call<{ dag_runs: Run[] }>("GET", "/api/v2/dags/held_days/dagRuns?run_type=backfill");
  return runs.map((run) => run.state).sort();
};

beforeAll(async () => {
  product = await Product.start(["held_days.py"]);
  browser = await openBrowser();
  ({ context, page, problems } = await openContext(browser, product, { zone: "dag" }));
  await product.dag("held_days");
  // From now: the backfill's are the only runs.
  await product.call("PATCH", "/api/v2/dags/held_days?update_mask=is_paused&from_now=true", { is_paused: false });
});

afterAll(async () => {
  await context?.close();
  await browser?.close();
  await product?.stop();
});

/** Runs of the grid in a state, as its heads tell them. */
const heads = (page: Page, state: string) => page.getByRole("columnheader", { name: new RegExp(`Backfill, ${state}`) });

describe("a backfill", () => {
  it("is made by its dialog after its dates were shown, watched, paused, resumed, ended, and its failed dates are run again", async () => {
    await signIn(page, product, "dags/held_days");
    await page.evaluate(() => Object.assign(globalThis, { neverReloaded: true }));
    const open = page.getByRole("button", { name: "Backfill", exact: true });
    await open.click();
    const dialog = page.getByRole("dialog", { name: "Run a range of the schedule" });
    await dialog.getByText(/^Choose the first and the last day/).waitFor();
    await dialog.getByLabel("First day").fill("2024-03-01");
    await dialog.getByLabel("Last day").fill("2024-03-06");
    await dialog.getByRole("heading", { name: "6 dates will run" }).waitFor();
    expect(await dialog.getByRole("listitem").count()).toBe(6);
    await dialog.getByText("2024-03-06 00:00 UTC").waitFor();
    expect(await axe(page)).toEqual([]);
    // Nothing is made by looking.
    expect(await states()).toEqual([]);
    await dialog.getByLabel("At most at once").fill("2");
    await dialog.getByRole("button", { name: "Run 6 dates" }).click();
    await dialog.waitFor({ state: "detached" });
    expect(await open.evaluate((button) => button === document.activeElement)).toBe(true);

    const banner = page.getByRole("region", { name: "A backfill is under way" });
    await banner.getByText("0 of 6 done").waitFor();
    await until("two runs are seen to run, and four to wait", 30_000, async () => (await heads(page, "Running").count()) === 2 && (await heads(page, "Queued").count()) === 4);
    await banner.getByRole("button", { name: "Pause" }).click();
    const paused = page.getByRole("region", { name: "A backfill is paused" });
    await paused.getByRole("button", { name: "Resume" }).click();
    await banner.getByRole("button", { name: "Pause" }).click();
    await paused.waitFor();
    expect(await axe(page)).toEqual([]);
    writeFileSync(join(product.home, "go"), "");
    await paused.getByText("2 of 6 done").waitFor();
    await until("two runs are seen to have ended well", 30_000, async () => (await heads(page, "Success").count()) === 2);

    await paused.getByRole("button", { name: "End the backfill" }).click();
    await paused.waitFor({ state: "detached" });
    await until("what waited is seen to have failed", 30_000, async () => (await heads(page, "Failed").count()) === 4);
    expect(await states()).toEqual(["failed", "failed", "failed", "failed", "success", "success"]);
    // The button is gone; whoever works with keys is still on the page.
    await page.waitForFunction(() => document.activeElement !== document.body);

    await open.click();
    await dialog.getByLabel("First day").fill("2024-03-01");
    await dialog.getByLabel("Last day").fill("2024-03-06");
    await dialog.getByRole("heading", { name: "No date will run" }).waitFor();
    expect(await dialog.getByRole("button", { name: "Run", exact: true }).isDisabled()).toBe(true);
    await dialog.getByRole("radio", { name: "Run failed ones again" }).check();
    await dialog.getByRole("button", { name: "Run 4 dates" }).click();
    await until("all six are seen to have ended well", 60_000, async () => (await heads(page, "Success").count()) === 6);
    await page.getByRole("region", { name: /backfill/ }).waitFor({ state: "detached" });
    expect(await states()).toEqual(Array.from({ length: 6 }, () => "success"));
    expect(await page.evaluate(() => "neverReloaded" in globalThis)).toBe(true);
    expect(problems).toEqual([]);
  });

  it("is refused with a reason at its range, in Korean and dark as well", async () => {
    await page.evaluate(() => localStorage.setItem("tradewind.settings", JSON.stringify({ zone: "dag", language: "ko", theme: "dark" })));
    await page.goto("dags/held_days");
    await page.getByRole("button", { name: "백필", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "일정의 한 구간 실행" });
    await dialog.getByLabel("첫날", { exact: true }).fill("2024-03-06");
    await dialog.getByLabel("마지막 날", { exact: true }).fill("2024-03-01");
    await dialog.getByText("마지막 날이 첫날보다 앞섭니다").waitFor();
    expect(await dialog.getByRole("button", { name: "실행", exact: true }).isDisabled()).toBe(true);
    expect(await axe(page)).toEqual([]);
    await dialog.getByLabel("첫날", { exact: true }).fill("2024-02-28");
    await dialog.getByLabel("마지막 날", { exact: true }).fill("2024-02-29");
    await dialog.getByRole("heading", { name: "2개 날짜를 실행합니다" }).waitFor();
    expect(await axe(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    expect(problems).toEqual([]);
  });
});
