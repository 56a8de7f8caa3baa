import { readFileSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { axe } from "./axe";
import { openBrowser, openContext, signIn } from "./browser";
import { Product } from "./product";
import { until } from "./until";

let product: Product;
let browser: Browser;

const isPaused = (dag: string) => product.call<{ is_paused: boolean }>("GET", `/api/v2/dags/${dag}`).then((found) => found.is_paused);

beforeAll(async () => {
  product = await Product.start(["seoul_backlog.py", "depends_on_past.py", "taskflow_etl.py", "grouped_log.py"]);
  browser = await openBrowser();
  for (const dag of ["seoul_backlog", "past_waits", "past_ignored", "taskflow_etl", "grouped_log"]) await product.dag(dag);
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
});

describe("several DAGs", () => {
  it("are unpaused after the list of what that starts, and paused and triggered together", async () => {
    const { context, page, problems } = await openContext(browser, product);
    await signIn(page, product, "dags");
    await page.getByRole("checkbox", { name: "Select seoul_backlog" }).check();
    await page.getByRole("link", { name: "taskflow_etl", exact: true }).focus();
    await page.keyboard.press("x");
    await page.getByText("2 selected").waitFor();
    expect(await axe(page)).toEqual([]);
    await page.getByRole("button", { name: "Unpause", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Unpause 2 DAGs" });
    await dialog.getByText(/^This starts (more than )?[\d,]+ missed runs?\.$/).waitFor();
    expect(await axe(page)).toEqual([]);
    await dialog.getByRole("radio", { name: "Start from now" }).check();
    await dialog.getByRole("button", { name: "Unpause 2" }).click();
    await page.getByText("2 DAGs are unpaused.").waitFor();
    expect(await Promise.all(["seoul_backlog", "taskflow_etl"].map(isPaused))).toEqual([false, false]);
    expect((await product.call<{ total_entries: number }>("GET", "/api/v2/dags/seoul_backlog/dagRuns")).total_entries).toBe(0);

    await page.getByRole("checkbox", { name: "Select all DAGs" }).check();
    await page.getByText("5 selected").waitFor();
    await page.getByRole("button", { name: "Pause", exact: true }).click();
    const pause = page.getByRole("dialog", { name: "Pause 2 DAGs" });
    await pause.getByText("3 of the selected are paused already.").waitFor();
    await pause.getByRole("button", { name: "Pause 2" }).click();
    await page.getByText("2 DAGs are paused.").waitFor();
    expect(await isPaused("taskflow_etl")).toBe(true);

    await page.getByRole("checkbox", { name: "Select taskflow_etl" }).check();
    await page.getByRole("button", { name: "Trigger", exact: true }).click();
    await page.getByRole("dialog", { name: "Trigger 1 DAG" }).getByRole("button", { name: "Trigger 1" }).click();
    await page.getByText("1 run was started.").waitFor();
    expect((await product.call<{ total_entries: number }>("GET", "/api/v2/dags/taskflow_etl/dagRuns")).total_entries).toBe(1);
    expect(problems).toEqual([]);
    await context.close();
  });
});

describe("variables", () => {
  it("go into a file without secrets, and come out of one after it was shown what changes", async () => {
    const { context, page, problems } = await openContext(browser, product);
    await product.call("POST", "/api/v2/variables", { key: "limit", value: "250", description: "Rows" });
    await product.call("POST", "/api/v2/variables", { key: "api_key", value: "s3cret" });
    await signIn(page, product, "variables");
    await page.getByRole("button", { name: "Export" }).click();
    const dialog = page.getByRole("dialog", { name: "Export variables" });
    await dialog.getByText("api_key").waitFor();
    expect(await axe(page)).toEqual([]);
    const [download] = await Promise.all([page.waitForEvent("download"), dialog.getByRole("button", { name: "Save variables.json" }).click()]);
    expect(JSON.parse(readFileSync(await download.path(), "utf8"))).toEqual({ limit: { value: 250, description: "Rows" } });

    await page.getByRole("button", { name: "Import" }).click();
    const importing = page.getByRole("dialog", { name: "Import variables" });
    const give = (text: string) => importing.locator("input[type=file]").setInputFiles({ name: "mine.json", mimeType: "application/json", buffer: Buffer.from(text) });
    await give("[1]");
    await importing.getByText("The file must hold one object of names and values.").waitFor();
    await give('{"limit": 300, "place": {"city": "서울"}}');
    await importing.getByText("New: 1. There already: 1.").waitFor();
    expect(await axe(page)).toEqual([]);
    await importing.getByRole("radio", { name: "Replace" }).check();
    await importing.getByRole("button", { name: "Import 2" }).click();
    await page.getByText("2 variables imported").waitFor();
    await page.getByText('{"city":"서울"}').waitFor();
    const limit = await product.call<{ value: string }>("GET", "/api/v2/variables/limit");
    expect(limit.value).toBe("300");
    // Sorting and columns are kept in the address and on this machine.
    await page.getByRole("button", { name: "Key", exact: true }).click();
    await page.waitForURL(/sort=-key/);
    await page.getByRole("button", { name: "Columns" }).click();
    await page.getByRole("menuitemcheckbox", { name: "Description" }).click();
    await page.keyboard.press("Escape");
    expect(await page.getByRole("columnheader", { name: "Description" }).count()).toBe(0);
    await page.reload();
    await page.getByRole("columnheader", { name: "Value" }).waitFor();
    expect(await page.getByRole("columnheader", { name: "Description" }).count()).toBe(0);
    expect(problems).toEqual([]);
    await context.close();
  });
});

describe("a log in groups", () => {
  it("opens with its groups closed, marks its errors beside the scroll bar and goes to them by keys", async () => {
    const { context, page, problems } = await openContext(browser, product);
    await product.call("PATCH", "/api/v2/dags/grouped_log?update_mask=is_paused", { is_paused: false });
    const { dag_run_id } = await product.call<{ dag_run_id: string }>("POST", "/api/v2/dags/grouped_log/dagRuns", { logical_date: null });
    const path = `dags/grouped_log/dagRuns/${encodeURIComponent(dag_run_id)}`;
    await until("the task has failed", 60_000, async () => (await product.call<{ state: string }>("GET", `/api/v2/${path}`)).state === "failed");
    await signIn(page, product, `${path.replace("dagRuns", "runs")}/tasks/talk`);
    await page.getByRole("log").getByText("order 060 has no address").first().waitFor();
    await page.keyboard.press("Control+ArrowUp");
    const group = page.getByRole("button", { name: /Reading the orders/ });
    await group.waitFor();
    expect(await group.getAttribute("aria-expanded")).toBe("false");
    expect(await page.getByText("order 003 read").count()).toBe(0);
    await group.click();
    await page.getByText("order 003 read").waitFor();
    await page.getByTitle(/^\d+ errors?$/).waitFor();
    expect(await axe(page)).toEqual([]);
    await page.keyboard.press("n");
    await page.getByRole("log").getByText("order 060 has no address").first().waitFor();
    expect(problems).toEqual([]);
    await context.close();
  });
});

describe("the trigger form", () => {
  it("has the params in the order of the file", async () => {
    const { context, page } = await openContext(browser, product);
    await signIn(page, product, "dags/grouped_log/trigger");
    await page.getByText("warehouse").first().waitFor();
    const labels = await page.locator("label").allTextContents();
    const places = ["warehouse", "day", "batch", "again"].map((name) => labels.findIndex((label) => label.startsWith(name)));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places).not.toContain(-1);
    await context.close();
  });
});

describe("a tip", () => {
  it("is part of the page for readers", async () => {
    const { context, page } = await openContext(browser, product);
    await signIn(page, product, "variables");
    await page.getByRole("button", { name: "Settings" }).focus();
    await page.getByRole("tooltip").first().waitFor();
    expect(await axe(page)).toEqual([]);
    await context.close();
  });
});
