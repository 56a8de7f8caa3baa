import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { axe } from "./axe";
import { openBrowser, openContext, signIn } from "./browser";
import { Product } from "./product";
import { until } from "./until";

let product: Product;
let browser: Browser;

interface Runs {
  dag_runs: { dag_run_id: string; state: string; conf: unknown }[];
}
const runsOf = (dag: string, query = "") => product.call<Runs>("GET", `/api/v2/dags/${dag}/dagRuns?order_by=run_after${query}`).then((list) => list.dag_runs);

beforeAll(async () => {
  product = await Product.start(["depends_on_past.py", "taskflow_etl.py"], { DEPENDS_ON_PAST_REPAIRED: "/nowhere/repaired" });
  browser = await openBrowser();
  for (const dag of ["past_waits", "taskflow_etl"]) {
    await product.dag(dag);
    await product.call("PATCH", `/api/v2/dags/${dag}?update_mask=is_paused`, { is_paused: false });
  }
  await until("a run of past_waits has failed and the next one waits", 90_000, async () => {
    const runs = await runsOf("past_waits");
    return runs[0]?.state === "failed" && runs[1]?.state === "running";
  });
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
});

describe("a failed task", () => {
  it("opens at the line that says why, and shows what a clear changes before it happens", async () => {
    const { context, page, problems } = await openContext(browser, product);
    const [failed] = await runsOf("past_waits");
    await signIn(page, product, `dags/past_waits/runs/${encodeURIComponent(failed?.dag_run_id ?? "")}/tasks/middle`);
    const error = page.getByRole("log").getByText("broken on the first interval").first();
    await error.waitFor();
    // Within what is seen, without scrolling.
    await until("the error line is seen", 10_000, async () => {
      const [line, view] = [await error.boundingBox(), await page.getByRole("log").boundingBox()];
      return line !== null && view !== null && line.y >= view.y && line.y + line.height <= Math.min(view.y + view.height, 800);
    });
    expect(await axe(page)).toEqual([]);
    await page.keyboard.press("Shift+C");
    const dialog = page.getByRole("dialog", { name: "Clear middle" });
    await dialog.getByText("2 task instances will change").waitFor();
    await dialog.getByLabel("Downstream tasks").uncheck();
    await dialog.getByText("1 task instance will change").waitFor();
    await dialog.getByLabel("Later runs").check();
    await dialog.getByText("in 2 runs").waitFor();
    expect(await axe(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    expect((await runsOf("past_waits"))[0]?.state).toBe("failed");
    // An entry of a menu is gone when its dialog closes: the button of the menu has the focus again.
    const mark = page.getByRole("button", { name: "Mark", exact: true });
    await mark.focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: "Mark middle" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await until("the button has the focus", 5_000, () => mark.evaluate((button) => button === document.activeElement));
    expect(problems).toEqual([]);
    await context.close();
  });

  it("says of the next run's task what it waits for, with a way there", async () => {
    const { context, page, problems } = await openContext(browser, product);
    const [before, waiting] = await runsOf("past_waits");
    await signIn(page, product, `dags/past_waits/runs/${encodeURIComponent(waiting?.dag_run_id ?? "")}/tasks/middle`);
    await page.getByRole("heading", { name: "Why it is not running" }).waitFor();
    await page.getByText(before?.dag_run_id ?? "?").first().waitFor();
    expect(await axe(page)).toEqual([]);
    expect(problems).toEqual([]);
    await context.close();
  });
});

describe("the reasons in Korean", () => {
  it("have no English sentence left", async () => {
    const { context, page, problems } = await openContext(browser, product, { language: "ko", theme: "dark" });
    const [before, waiting] = await runsOf("past_waits");
    await signIn(page, product, `dags/past_waits/runs/${encodeURIComponent(waiting?.dag_run_id ?? "")}/tasks/middle`);
    await page.getByText(/^depends_on_past 설정에 따라 이전 실행/).waitFor();
    const words = (await page.getByText(/^depends_on_past 설정에 따라/).textContent()) ?? "";
    expect(words).toContain(before?.dag_run_id ?? "?");
    expect(words).toMatch(/현재 상태: 실패\.$/);
    expect(await page.getByText(/ is set, and /).count()).toBe(0);
    expect(await axe(page)).toEqual([]);
    await page.keyboard.press("Shift+S");
    await page.getByRole("dialog", { name: "middle 상태 지정" }).getByText("작업 인스턴스 1개가 변경됩니다").waitFor();
    await page.getByRole("button", { name: "성공으로 지정" }).last().waitFor();
    expect(await axe(page)).toEqual([]);
    expect(problems).toEqual([]);
    await context.close();
  });
});

describe("the trigger form", () => {
  it("keeps form and JSON in step, refuses what is wrong at its field, and starts the run", async () => {
    const { context, page, problems } = await openContext(browser, product);
    await signIn(page, product, "dags/taskflow_etl/trigger");
    const field = page.getByRole("spinbutton", { name: /^n/ });
    await field.fill("99");
    await page.getByRole("button", { name: "Trigger", exact: true }).click();
    await page.getByText("At most 50").waitFor();
    const json = page.getByRole("textbox", { name: "As JSON" });
    await json.fill('{"n": 7, "more": true}');
    expect(await field.inputValue()).toBe("7");
    await field.fill("6");
    expect(JSON.parse(await json.inputValue())).toEqual({ n: 6, more: true });
    await field.fill("7");
    expect(await axe(page)).toEqual([]);
    await page.getByRole("button", { name: "Trigger", exact: true }).click();
    await page.waitForURL(/\/runs\//);
    await until("the run has ended well", 60_000, async () => (await runsOf("taskflow_etl")).at(-1)?.state === "success");
    const run = (await runsOf("taskflow_etl")).at(-1);
    expect(run?.conf).toEqual({ n: 7, more: true });
    await page.goto(`dags/taskflow_etl/runs/${encodeURIComponent(run?.dag_run_id ?? "")}/tasks/total?tab=xcom`);
    await page.getByText("91", { exact: true }).waitFor();
    expect(problems).toEqual([]);
    await context.close();
  });
});

describe("a connection", () => {
  it("never shows its password again, and keeps it when something else is changed", async () => {
    const { context, page, problems } = await openContext(browser, product);
    await signIn(page, product, "connections");
    await page.getByRole("button", { name: "Add a connection" }).first().click();
    await page.getByLabel("Connection id").fill("warehouse");
    await page.getByLabel("Type").fill("postgres");
    await page.getByLabel("Password", { exact: true }).fill("s3cret-words");
    await page.getByLabel("Extra").fill("{");
    await page.getByText(/This is not JSON/).waitFor();
    await page.getByLabel("Extra").fill('{"token": "s3cret-token"}');
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("button", { name: "Edit warehouse" }).click();
    expect(await page.getByLabel("Password", { exact: true }).inputValue()).toBe("");
    expect(await page.content()).not.toMatch(/s3cret/);
    expect(await axe(page)).toEqual([]);
    await page.getByLabel("Description").fill("The warehouse");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("cell", { name: "The warehouse" }).waitFor();
    const kept = await product.call<{ password: string | null }>("GET", "/api/v2/connections/warehouse");
    expect(kept.password).toBe("***");
    expect(problems).toEqual([]);
    await context.close();
  });
});
