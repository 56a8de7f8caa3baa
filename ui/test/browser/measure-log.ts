import { appendFileSync, closeSync, openSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openBrowser, openContext, signIn } from "./browser";
import { Product } from "./product";
import { until } from "./until";

/* A log of 200 MB in the page, measured: `make measure-ui`. It prints figures; nothing here fails by time. */

const SIZE = 200_000_000;
let product: Product;
let browser: Browser;

beforeAll(async () => {
  product = await Product.start(["taskflow_etl.py"]);
  browser = await openBrowser();
  await product.dag("taskflow_etl");
  await product.call("PATCH", "/api/v2/dags/taskflow_etl?update_mask=is_paused", { is_paused: false });
  await product.call("POST", "/api/v2/dags/taskflow_etl/dagRuns", { dag_run_id: "long", logical_date: null });
  await until("the run has ended", 90_000, async () => (await product.call<{ state: string }>("GET", "/api/v2/dags/taskflow_etl/dagRuns/long")).state === "success");
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
});

const told = (what: string, value: string) => process.stdout.write(`${what.padEnd(58)} ${value}\n`);

/** Appends lines to the log of a task until it has its size; gives the last one. */
function fill(path: string): string {
  const file = openSync(path, "a");
  let number = 0;
  for (let size = statSync(path).size; size < SIZE; ) {
    const lines = Array.from({ length: 5000 }, () => {
      number += 1;
      return JSON.stringify({ timestamp: "2026-01-01T00:00:00.000001Z", level: "info", event: `row ${number}: ${"copied to the warehouse ".repeat(4)}`, logger: "airflow.task" });
    });
    size += writeSync(file, `${lines.join("\n")}\n`);
  }
  closeSync(file);
  const last = `the last of ${number} rows`;
  appendFileSync(path, `${JSON.stringify({ timestamp: "2026-01-01T00:00:01Z", level: "info", event: last, logger: "airflow.task" })}\n`);
  return last;
}

it("a log of 200 MB", async () => {
  const path = join(product.home, "logs/dag_id=taskflow_etl/run_id=long/task_id=total/attempt=1.log");
  const last = fill(path);
  told("the log", `${(statSync(path).size / 1e6).toFixed(0)} MB`);
  const { context, page, problems } = await openContext(browser, product);
  await signIn(page, product, "dags/taskflow_etl/runs/long");
  const times: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    await page.goto("dags/taskflow_etl/runs/long");
    await page.getByRole("link", { name: "total", exact: true }).first().waitFor();
    const began = performance.now();
    await page.getByRole("link", { name: "total", exact: true }).first().click();
    await page.getByRole("log").getByText(last).waitFor();
    times.push(performance.now() - began);
  }
  told("from the click to the last line", `${times.map((ms) => ms.toFixed(0)).join(", ")} ms`);
  const began = performance.now();
  await page.reload();
  await page.getByRole("log").getByText(last).waitFor();
  told("from a reload to the last line", `${(performance.now() - began).toFixed(0)} ms`);
  const lines = await page.getByRole("log").locator("[data-index], [data-line]").count();
  expect(lines).toBeLessThan(2000);
  expect(problems).toEqual([]);
  await context.close();
});
