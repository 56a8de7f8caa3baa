import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { axe } from "./axe";
import { openBrowser, openContext, signIn } from "./browser";
import { Product } from "./product";
import { until } from "./until";

let product: Product;
let browser: Browser;
let run = "";

interface Tasks {
  task_instances: { task_id: string; state: string | null }[];
}
const statesOf = async () => {
  const { task_instances: tasks } = await product.call<Tasks>("GET", `/api/v2/dags/asks_people/dagRuns/${run}/taskInstances`);
  return Object.fromEntries(tasks.map((task) => [task.task_id, task.state]));
};
const xcom = (task: string) =>
  product.call<{ value: Record<string, unknown> }>("GET", `/api/v2/dags/asks_people/dagRuns/${run}/taskInstances/${task}/xcomEntries/return_value?stringify=false`);
const pageOf = (task: string, query = "") => `dags/asks_people/runs/${run}/tasks/${task}${query}`;

beforeAll(async () => {
  product = await Product.start(["asks_people.py"]);
  browser = await openBrowser();
  for (const dag of ["asks_people", "leads_nowhere"]) {
    await product.dag(dag);
    await product.call("PATCH", `/api/v2/dags/${dag}?update_mask=is_paused`, { is_paused: false });
  }
  const made = await product.call<{ dag_run_id: string }>("POST", "/api/v2/dags/asks_people/dagRuns", { dag_run_id: "ask", logical_date: null });
  run = made.dag_run_id;
  await until("the tasks wait", 60_000, async () => {
    const states = await statesOf();
    return ["approve", "choose", "others"].every((task) => states[task] === "awaiting_input") && states.later === "deferred" && states.hand_over === "success";
  });
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
});

/** Goes on by Tab until what is wanted has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  const wanted = page.getByRole("button", { name, exact: true });
  for (let step = 0; step < 60; step += 1) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not lead to ${name}`);
}

describe("a task that asks people", () => {
  it("says what it asks and until when, and is answered by keys alone", async () => {
    const { context, page, problems } = await openContext(browser, product);
    await signIn(page, product, pageOf("approve"));
    await page.getByRole("heading", { name: "It waits for a person" }).waitFor();
    await page.getByText("Send the invoices of May?").waitFor();
    await page.getByText(/^If nobody answers by .+, it goes on with: Reject\.$/).waitFor();
    expect(await axe(page)).toEqual([]);
    await tabTo(page, "Approve");
    await page.keyboard.press("Enter");
    await page.getByText("Answered", { exact: true }).waitFor();
    await until("the task goes on", 60_000, async () => (await statesOf()).approve === "success");
    // Without a reload, the page shows how it went on.
    await page.getByRole("heading", { level: 1 }).getByText("Success").waitFor();
    expect((await xcom("approve")).value).toMatchObject({ chosen_options: ["Approve"], responded_by_user: { id: "admin" } });
    expect(problems).toEqual([]);
    await context.close();
  });

  it("takes the answer that a link fills in, refuses what is wrong at its field, and takes several options", async () => {
    const { context, page, problems } = await openContext(browser, product, { language: "ko", theme: "dark" });
    const query = new URLSearchParams({ options: '["South","nowhere"]', params_input: '{"limit": 900, "reason": "the audit"}' });
    await signIn(page, product, pageOf("choose", `?${query}`));
    await page.getByText("Which regions are to be loaded?").waitFor();
    const limit = page.getByRole("spinbutton", { name: /^limit/ });
    expect(await limit.inputValue()).toBe("900");
    expect(await page.getByRole("checkbox", { name: "South" }).isChecked()).toBe(true);
    expect(await page.getByRole("checkbox", { name: "North" }).isChecked()).toBe(false);
    expect(await axe(page)).toEqual([]);
    const send = page.getByRole("button", { name: "응답", exact: true });
    expect(await send.getAttribute("aria-disabled")).toBe("true");
    expect((await statesOf()).choose).toBe("awaiting_input");
    await limit.fill("250");
    await page.getByRole("checkbox", { name: "West" }).check();
    await send.click();
    await until("the task goes on", 60_000, async () => (await statesOf()).choose === "success");
    expect((await xcom("choose")).value).toMatchObject({ chosen_options: ["South", "West"], params_input: { limit: 250, reason: "the audit" } });
    expect(problems).toEqual([]);
    await context.close();
  });

  it("is one of the reasons why its run does not go on", async () => {
    const { context, page, problems } = await openContext(browser, product);
    await signIn(page, product, `dags/asks_people/runs/${run}`);
    await page.getByText("Asked of Bo: Close the month?").waitFor();
    await page.getByText(/It waits for the trigger \S+, which the triggerer on \S+ runs\./).waitFor();
    expect(await axe(page)).toEqual([]);
    expect(problems).toEqual([]);
    await context.close();
  });
});

describe("a deferred task", () => {
  it("says which trigger it waits for, and who runs it", async () => {
    const { context, page, problems } = await openContext(browser, product);
    await signIn(page, product, pageOf("later"));
    await page.getByText("Waits for a trigger").waitFor();
    await page.getByText(/It waits for the trigger \S+, which the triggerer on \S+ runs\./).waitFor();
    expect(await axe(page)).toEqual([]);
    expect(problems).toEqual([]);
    await context.close();
  });
});

describe("the link of an operator", () => {
  it("leads to the run that it started, and is no XCom on the page", async () => {
    const { context, page, problems } = await openContext(browser, product);
    await signIn(page, product, pageOf("hand_over", "?tab=xcom"));
    await page.getByRole("heading", { name: "trigger_run_id" }).waitFor();
    expect(await page.getByText("_link_").count()).toBe(0);
    await page.getByRole("link", { name: "Triggered DAG" }).click();
    await page.waitForURL(/\/dags\/leads_nowhere\/runs\/.+/);
    await page.getByRole("heading", { level: 1 }).waitFor();
    expect(problems).toEqual([]);
    await context.close();
  });
});
