import type { Browser } from "playwright-core";
import { afterAll, beforeAll, it } from "vitest";
import { openBrowser, openContext, signIn } from "./browser";
import { Product } from "./product";

/* From a change of state by somebody else to its sight on the page, measured: `make measure-ui`. It prints figures; nothing here fails by time. */

let product: Product;
let browser: Browser;

beforeAll(async () => {
  product = await Product.start(["depends_on_past.py"]);
  browser = await openBrowser();
  await product.dag("past_ignored");
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
});

it("a state that others change", async () => {
  const { context, page } = await openContext(browser, product);
  await signIn(page, product, "dags");
  await page.getByRole("switch", { name: /past_ignored/ }).waitFor();
  const times: number[] = [];
  for (let round = 0; round < 20; round += 1) {
    const paused = round % 2 === 1;
    const began = performance.now();
    await product.call("PATCH", "/api/v2/dags/past_ignored?update_mask=is_paused", { is_paused: paused });
    await page.locator(`[role=switch][aria-label*=past_ignored][aria-checked=${!paused}]`).waitFor();
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  process.stdout.write(`a change of state is seen after ${times[10]?.toFixed(0)} ms in the middle, ${times.at(-1)?.toFixed(0)} ms at most of 20\n`);
  await context.close();
});
