import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { axe } from "./axe";
import { openBrowser, openContext, signIn } from "./browser";
import { Product } from "./product";
import { until } from "./until";

let product: Product;
let browser: Browser;

interface Runs {
  dag_runs: { dag_run_id: string; state: string }[];
}
const runsOf = (dag: string, query: string) => product.call<Runs>("GET", `/api/v2/dags/${dag}/dagRuns?${query}`).then((found) => found.dag_runs);
const unpause = (dag: string) => product.call("PATCH", `/api/v2/dags/${dag}?update_mask=is_paused`, { is_paused: false });
const trigger = (n: number) =>
  product.call<{ dag_run_id: string }>("POST", "/api/v2/dags/taskflow_etl/dagRuns", { logical_date: null, conf: { n } });

beforeAll(async () => {
  product = await Product.start(["taskflow_etl.py", "depends_on_past.py", "new_york_nights.py"], {
    DEPENDS_ON_PAST_REPAIRED: "/nonexistent/repaired",
  });
  browser = await openBrowser();
  for (const dag of ["taskflow_etl", "past_waits", "new_york_nights"]) await product.dag(dag);
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
});

/** The row and column that the focus of the grid is on, `-1` for heads. */
const place = (page: Page) =>
  page.evaluate(() => {
    const { row, column } = (document.activeElement as HTMLElement).dataset;
    return [Number(row), Number(column)];
  });

describe("the grid", () => {
  it("shows a run as it goes, without a reload, and is walked by the keyboard", async () => {
    const { context, page, problems } = await openContext(browser, product);
    await signIn(page, product, "dags/taskflow_etl");
    await page.getByText("This DAG has not run yet").waitFor();
    await page.evaluate(() => Object.assign(globalThis, { neverReloaded: true }));
    await unpause("taskflow_etl");
    await trigger(5);
    await page.getByRole("gridcell", { name: /^task done, run of .*, Success$/ }).waitFor();
    await page.getByRole("gridcell", { name: /^task square, run of .*, Success, 5 × Success$/ }).waitFor();
    await page.getByRole("columnheader", { name: /^run of .*, Manual, Success/ }).waitFor();
    expect(await page.evaluate(() => "neverReloaded" in globalThis)).toBe(true);
    expect(await axe(page)).toEqual([]);

    const grid = page.getByRole("grid", { name: "Tasks of taskflow_etl by runs" });
    await grid.locator("[tabindex='0']").focus();
    await page.keyboard.press("Control+ArrowUp");
    expect((await place(page))[0]).toBe(-1);
    await page.keyboard.press("Home");
    expect(await place(page)).toEqual([-1, -1]);
    const rows = await grid.getByRole("rowheader").allInnerTexts();
    const group = rows.findIndex((text) => text.trim() === "report");
    for (let row = 0; row <= group; row += 1) await page.keyboard.press("ArrowDown");
    expect(await place(page)).toEqual([group, -1]);
    await page.keyboard.press("Space");
    await grid.getByRole("rowheader", { name: "big" }).waitFor({ state: "detached" });
    expect(await grid.getByRole("rowheader", { name: "group report" }).getAttribute("aria-expanded")).toBe("false");
    // It is remembered.
    await page.reload();
    await grid.getByRole("rowheader", { name: "group report" }).waitFor();
    expect(await grid.getByRole("rowheader", { name: "big" }).count()).toBe(0);
    await page.getByRole("button", { name: "Open all groups" }).click();
    await grid.getByRole("rowheader", { name: "big" }).waitFor();

    await page.getByRole("gridcell", { name: /^task total, / }).focus();
    await page.keyboard.press("Shift+C");
    await page.getByRole("dialog", { name: "Clear total" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/runs\/[^/]+\/tasks\/total/);
    expect(problems).toEqual([]);
    await context.close();
  });

  it("leads by the pointer to the run and the task, and keeps its filters in the address", async () => {
    const { context, page, problems } = await openContext(browser, product, { theme: "dark", language: "ko" });
    await signIn(page, product, "dags/taskflow_etl?state=success");
    await page.getByRole("gridcell", { name: /^작업 total, / }).first().click();
    await page.waitForURL(/\/tasks\/total/);
    await page.goBack();
    await page.getByRole("columnheader", { name: /수동 실행, 성공/ }).first().click();
    await page.waitForURL(/\/runs\/manual/);
    await page.goBack();
    await page.getByRole("combobox", { name: "실행 상태" }).selectOption("failed");
    await page.getByText("조건에 맞는 실행이 없습니다").waitFor();
    expect(new URL(page.url()).search).toBe("?state=failed");
    expect(await axe(page)).toEqual([]);
    expect(problems).toEqual([]);
    await context.close();
  });
});

describe("the other parts of a DAG", () => {
  it("list runs by filters and order of the address", async () => {
    const { context, page, problems } = await openContext(browser, product);
    const [run] = await runsOf("taskflow_etl", "limit=1");
    await signIn(page, product, "dags/taskflow_etl/runs");
    const row = page.getByRole("row").filter({ has: page.getByRole("link", { name: run?.dag_run_id ?? "", exact: true }) });
    await row.getByText('{"n":5}').waitFor();
    await page.getByRole("button", { name: "Duration" }).click();
    await page.waitForURL(/sort=-duration/);
    expect(await page.getByRole("columnheader", { name: "Duration" }).getAttribute("aria-sort")).toBe("descending");
    await page.getByRole("combobox", { name: "Type of the run" }).selectOption("scheduled");
    await page.getByText("No run matches").waitFor();
    await page.getByRole("button", { name: "Clear filters" }).click();
    await row.waitFor();
    expect(problems).toEqual([]);
    await context.close();
  });

  it("show the source, and where a task is in it", async () => {
    const { context, page, problems } = await openContext(browser, product);
    await signIn(page, product, "dags/taskflow_etl/code");
    await page.getByRole("combobox", { name: "Go to task" }).selectOption("square");
    const marked = page.locator("li", { has: page.locator("button[aria-current]") });
    await marked.getByText("square").waitFor();
    expect(await marked.innerText()).toContain("def square(x: int) -> int:");
    await page.getByRole("button", { name: "Line 1", exact: true }).click();
    await page.waitForURL(/line=1$/);
    expect(problems).toEqual([]);
    await context.close();
  });

  it("mark what changes of the clock do to the schedule", async () => {
    const { context, page, problems } = await openContext(browser, product, { zone: "dag" });
    await signIn(page, product, "dags/new_york_nights/schedule?from=2027-03-14T05:00:00Z");
    const table = page.getByRole("table", { name: "Upcoming runs" });
    // 02:30 does not exist that night.
    await table.getByText("moved: the hour is left out").first().waitFor();
    await table.getByText("2027-03-14 03:30 EDT").first().waitFor();
    await page.goto("dags/new_york_nights/schedule?from=2027-11-07T04:00:00Z");
    await table.getByText("the hour comes twice").first().waitFor();
    expect(await axe(page)).toEqual([]);
    await page.goto("dags/past_waits/schedule");
    await page.getByText(/^\d runs, at most 1 of them at the same time$/).waitFor();
    expect(problems).toEqual([]);
    await context.close();
  });
});

describe("a run", () => {
  it("names what failed, says why the next one waits, and goes on when it is marked", async () => {
    const { context, page, problems } = await openContext(browser, product);
    await unpause("past_waits");
    const [failed] = await until("the first run failed", 60_000, () => runsOf("past_waits", "state=failed").then((runs) => (runs.length > 0 ? runs : null)));
    const [next] = await until("the next run is under way", 60_000, () => runsOf("past_waits", "state=running").then((runs) => (runs.length > 0 ? runs : null)));
    await signIn(page, product, `dags/past_waits/runs/${encodeURIComponent(failed?.dag_run_id ?? "")}`);
    await page.getByText("1 task failed:").waitFor();
    await page.getByRole("button", { name: "Add a note" }).click();
    await page.getByRole("dialog").getByRole("textbox").fill("The source was late");
    await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await page.getByRole("button", { name: "Change the note" }).waitFor();
    await page.getByText("The source was late").waitFor();
    await page.getByRole("heading", { level: 1 }).focus();
    expect(await axe(page)).toEqual([]);

    await page.keyboard.press("]");
    await page.waitForURL((url) => decodeURIComponent(url.pathname).endsWith(next?.dag_run_id ?? "?"));
    const waiting = page.getByRole("row", { name: /^middle/ });
    await waiting.getByRole("button", { name: "Why?" }).click();
    await page.getByText("middle", { exact: false }).filter({ hasText: failed?.dag_run_id ?? "?" }).first().waitFor();
    expect(await axe(page)).toEqual([]);

    await page.keyboard.press("[");
    await page.getByText("1 task failed:").waitFor();
    await page.getByRole("button", { name: "Acts on middle" }).click();
    await page.getByRole("menuitem", { name: "Mark as success" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Mark as Success" }).click();
    await page.getByText("1 task failed:").waitFor({ state: "detached" });
    await until("the next run is done", 60_000, () => runsOf("past_waits", "state=success").then((runs) => runs.some((run) => run.dag_run_id === next?.dag_run_id)));
    expect(problems).toEqual([]);
    await context.close();
  });
});
