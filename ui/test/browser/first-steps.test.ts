import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { axe } from "./axe";
import { openBrowser, openContext, signIn } from "./browser";
import { Product } from "./product";
import { until } from "./until";

let product: Product;
let browser: Browser;

beforeAll(async () => {
  product = await Product.start(["catchup_backlog.py", "report_mail.py", "depends_on_past.py", "taskflow_etl.py", "seoul_backlog.py"]);
  browser = await openBrowser();
  await product.dag("catchup_backlog");
  await product.dag("report_mail");
  await product.dag("seoul_backlog");
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
});

describe("signing in", () => {
  it("refuses a wrong password in words and leads to where one wanted to go", async () => {
    const { context, page, problems } = await openContext(browser, product);
    await page.goto("dags?search=catchup");
    await page.getByLabel("User name").fill("admin");
    await page.getByLabel("Password").fill("wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").getByText("User name or password is wrong.").waitFor();
    expect(await axe(page)).toEqual([]);
    await page.getByLabel("Password").fill(product.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("link", { name: "catchup_backlog", exact: true }).waitFor();
    expect(new URL(page.url()).search).toBe("?search=catchup");
    const cookies = await context.cookies();
    expect(cookies.map(({ name, httpOnly, sameSite }) => ({ name, httpOnly, sameSite }))).toEqual([
      { name: "_token", httpOnly: true, sameSite: "Strict" },
    ]);
    expect(await page.evaluate(() => JSON.stringify({ ...localStorage }))).not.toContain("eyJ");
    expect(problems).toEqual([]);
    await context.close();
  });

  it("out leaves nothing behind, and a session that ended elsewhere leads back", async () => {
    const { context, page, problems } = await openContext(browser, product);
    await signIn(page, product, "dags");
    await page.getByRole("button", { name: "Account" }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    expect(await context.cookies()).toEqual([]);
    await signIn(page, product, "dags");
    await page.getByRole("link", { name: "report_mail", exact: true }).waitFor();
    await context.clearCookies();
    await page.getByRole("link", { name: "Home", exact: true }).click();
    await page.getByText("Your session has ended.").waitFor();
    expect(problems).toEqual([]);
    await context.close();
  });
});

describe("the list of DAGs", () => {
  it("shows what unpausing starts, then the runs as they go, without a reload", async () => {
    const { context, page, problems } = await openContext(browser, product);
    await signIn(page, product, "dags");
    const row = page.getByRole("row").filter({ has: page.getByRole("link", { name: "catchup_backlog", exact: true }) });
    await row.getByRole("switch").click();
    const dialog = page.getByRole("dialog", { name: "Before you unpause catchup_backlog" });
    await dialog.getByText("This starts 12 runs, at most 3 at once.").waitFor();
    expect(await axe(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Cancel" }).click();
    expect(await row.getByRole("switch").getAttribute("aria-checked")).toBe("false");
    await page.waitForFunction(() => document.activeElement?.getAttribute("role") === "switch");

    await page.evaluate(() => Object.assign(globalThis, { neverReloaded: true }));
    await row.getByRole("switch").click();
    await dialog.getByRole("button", { name: "Unpause" }).click();
    await page.getByText("catchup_backlog is unpaused.").waitFor();
    await until("all twelve runs are shown as done", 90_000, async () => (await row.getByRole("link", { name: /Success/ }).count()) >= 12);
    expect(await page.evaluate(() => "neverReloaded" in globalThis)).toBe(true);
    expect(problems).toEqual([]);
    await context.close();
  });

  it("skips the missed runs when one starts from now", async () => {
    const { context, page, problems } = await openContext(browser, product, { zone: "dag" });
    await signIn(page, product, "dags");
    await page.getByRole("switch", { name: "Unpause seoul_backlog" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("2022-06-07 02:00 KST", { exact: true }).waitFor();
    await dialog.getByText("Start from now").click();
    await dialog.getByRole("button", { name: "Unpause" }).click();
    await page.getByText("seoul_backlog is unpaused.").waitFor();
    const runs = await product.call<{ total_entries: number }>("GET", "/api/v2/dags/seoul_backlog/dagRuns");
    expect(runs.total_entries).toBe(0);
    expect(problems).toEqual([]);
    await context.close();
  });

  it("shows what others change without a reload", async () => {
    const { context, page, problems } = await openContext(browser, product);
    await signIn(page, product, "dags");
    await page.getByRole("switch", { name: /past_ignored/ }).waitFor();
    for (const paused of [false, true]) {
      await product.call("PATCH", "/api/v2/dags/past_ignored?update_mask=is_paused", { is_paused: paused });
      await page.locator(`[role=switch][aria-label*=past_ignored][aria-checked=${!paused}]`).waitFor();
    }
    expect(problems).toEqual([]);
    await context.close();
  });

  it("keeps its filters in the address", async () => {
    const { context, page, problems } = await openContext(browser, product);
    await signIn(page, product, "dags");
    await page.getByRole("searchbox").fill("past");
    await page.waitForURL(/search=past/);
    await page.getByRole("link", { name: "catchup_backlog", exact: true }).waitFor({ state: "detached" });
    await page.getByRole("radio", { name: "Paused" }).check();
    await page.waitForURL(/paused=true/);
    await page.reload();
    await page.getByRole("link", { name: "past_waits", exact: true }).waitFor();
    expect(await page.getByRole("searchbox").inputValue()).toBe("past");
    await page.getByRole("button", { name: "Clear filters" }).click();
    await page.getByRole("link", { name: "catchup_backlog", exact: true }).waitFor();
    await page.getByRole("link", { name: "메일", exact: true }).click();
    await page.waitForURL(/tags=/);
    await page.getByText("1 DAG", { exact: true }).waitFor();
    await page.goBack();
    await page.getByRole("link", { name: "catchup_backlog", exact: true }).waitFor();
    expect(problems).toEqual([]);
    await context.close();
  });
});

describe("times and languages", () => {
  it("are switched for everything at once", async () => {
    const { context, page, problems } = await openContext(browser, product);
    await signIn(page, product, "dags");
    const next = page.getByRole("row").filter({ has: page.getByRole("link", { name: "seoul_backlog", exact: true }) }).locator("time");
    await next.waitFor();
    await until("New York", 10_000, async () => / E[SD]T/.test((await next.textContent()) ?? ""));
    await page.getByRole("button", { name: /^Time zone/ }).click();
    await page.getByRole("menuitemradio", { name: "Each DAG's own" }).click();
    await until("Seoul", 10_000, async () => /02:00 KST/.test((await next.textContent()) ?? ""));
    await next.focus();
    const tip = page.getByRole("tooltip").first();
    await tip.getByText("UTC", { exact: false }).first().waitFor();
    const words = (await tip.textContent()) ?? "";
    for (const zone of [/17:00:00 UTC/, /02:00:00 KST/, / E[SD]T/]) expect(words).toMatch(zone);

    await page.getByRole("button", { name: "Account" }).click();
    await page.getByRole("menuitemradio", { name: "한국어" }).click();
    await page.getByText("일정").first().waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe("ko");
    await page.reload();
    await page.getByText("일정").first().waitFor();
    expect(problems).toEqual([]);
    await context.close();
  });
});

describe("the keyboard alone", () => {
  it("is enough", async () => {
    const { context, page, problems } = await openContext(browser, product);
    await signIn(page, product);
    await page.getByText("default_pool").waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("g");
    await page.keyboard.press("d");
    await page.getByRole("row").getByRole("link", { name: "catchup_backlog", exact: true }).waitFor();
    await page.keyboard.press("j");
    await page.waitForFunction(() => document.activeElement?.textContent === "catchup_backlog");
    await page.keyboard.press("j");
    await page.waitForFunction(() => document.activeElement?.textContent === "past_ignored");
    await page.keyboard.press("k");
    await page.waitForFunction(() => document.activeElement?.textContent === "catchup_backlog");
    await page.keyboard.press("/");
    await page.keyboard.type("report");
    await page.waitForURL(/search=report/);
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Search DAGs and pages" }).waitFor();
    await page.keyboard.type("past_w");
    await page.getByRole("option", { name: /past_waits/ }).waitFor();
    expect(await axe(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => (document.activeElement as HTMLInputElement | null)?.type === "search");
    await page.getByRole("heading", { level: 1 }).focus();
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
    expect(await axe(page)).toEqual([]);
    expect(problems).toEqual([]);
    await context.close();
  });
});
