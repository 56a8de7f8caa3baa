import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, it } from "vitest";
import { Product } from "./product";
import { until } from "./until";

/* Pages of the list of 5,000 DAGs with 50 runs each, in every order, measured: `make measure-ui`. It prints figures; nothing here fails by time. */

let product: Product;

beforeAll(async () => {
  product = await Product.start(["many.py"]);
  await until("5,000 DAGs are known", 170_000, async () => (await product.call<{ total_entries: number }>("GET", "/api/v2/tradewind/dags?limit=1")).total_entries >= 5000);
  const database = ["tradewind.db", "airflow.db"].map((name) => join(product.home, name)).find((path) => existsSync(path));
  if (!database) throw new Error(`no database in ${product.home}`);
  execFileSync(process.env.TRADEWIND_PYTHON ?? "python3", [join(import.meta.dirname, "runs.py"), database]);
});

afterAll(async () => {
  await product?.stop();
});

it("a page of 50 among 5,000 DAGs", async () => {
  for (const query of ["", "&order_by=-last_run", "&order_by=-last_run_state", "&order_by=last_run_start_date", "&order_by=next_run_after", "&last_run_state=failed", "&last_run_state=failed&order_by=-last_run&search=dag_1"]) {
    const times: number[] = [];
    for (let round = 0; round < 7; round += 1) {
      const began = performance.now();
      await product.call("GET", `/api/v2/tradewind/dags?limit=50${query}`);
      times.push(performance.now() - began);
    }
    times.sort((a, b) => a - b);
    process.stdout.write(`${`limit=50${query}`.padEnd(58)} ${times[0]?.toFixed(0)} ms at best, ${times[3]?.toFixed(0)} ms in the middle\n`);
  }
});
