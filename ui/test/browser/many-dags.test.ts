import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openBrowser, openContext, signIn } from "./browser";
import { Product } from "./product";
import { until } from "./until";

let product: Product;
let browser: Browser;

const list = (query: string) => product.call<{ total_entries: number; dags: { dag_id: string }[] }>("GET", `/api/v2/tradewind/dags?${query}`);

beforeAll(async () => {
  product = await Product.start(["many.py"]);
  browser = await openBrowser();
  await until("5,000 DAGs are known", 100_000, async () => (await list("limit=1")).total_entries >= 5000);
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
});

it("pages of 50 among 5,000 DAGs follow each other without a gap", async () => {
  const ids: string[] = [];
  for (const offset of [0, 50, 4950]) {
    const page = await list(`limit=50&offset=${offset}`);
    expect(page.total_entries).toBe(5000);
    ids.push(...page.dags.map((dag) => dag.dag_id));
  }
  const expected = [...Array(100).keys(), ...Array.from({ length: 50 }, (_, i) => 4950 + i)];
  expect(ids).toEqual(expected.map((number) => `dag_${String(number).padStart(4, "0")}`));
});

it("the list of 5,000 DAGs draws what is seen, jumps to its end and finds one", async () => {
  const { context, page, problems } = await openContext(browser, product);
  await signIn(page, product, "dags");
  await page.getByRole("link", { name: "dag_0000", exact: true }).waitFor();
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  await page.getByRole("link", { name: "dag_4999", exact: true }).waitFor();
  expect(await page.getByRole("row").count()).toBeLessThan(60);
  await page.evaluate(() => scrollTo(0, 0));
  await page.getByRole("searchbox").fill("dag_3333");
  await page.getByRole("link", { name: "dag_3333", exact: true }).waitFor();
  await page.getByText("1 DAG", { exact: true }).waitFor();
  expect(problems).toEqual([]);
  await context.close();
});
