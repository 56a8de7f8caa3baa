import { createServer } from "node:http";
import type { Page } from "playwright-core";
import type { Product } from "./product";
import { until } from "./until";

/** A screen as tests and screenshots visit it. A new screen is a line here. */
export interface Screen {
  name: string;
  path: string | ((product: Product) => Promise<string>);
  /** Shown when the screen has what it came for. */
  ready: (page: Page) => Promise<unknown>;
}

const heading = (page: Page) => page.getByRole("heading", { level: 1 }).first().waitFor();
const text = (words: string | RegExp) => (page: Page) => page.getByText(words).first().waitFor();

const run = encodeURIComponent;

async function failedRun(product: Product): Promise<string> {
  const found = await product.call<{ dag_runs: { dag_run_id: string }[] }>("GET", "/api/v2/dags/past_waits/dagRuns?state=failed&limit=1");
  return `dags/past_waits/runs/${run(found.dag_runs[0]?.dag_run_id ?? "")}`;
}

const newestRun = async (product: Product, dag: string, state: string): Promise<string> => {
  const found = await product.call<{ dag_runs: { dag_run_id: string }[] }>("GET", `/api/v2/dags/${dag}/dagRuns?state=${state}&order_by=-run_after&limit=1`);
  return `dags/${dag}/runs/${run(found.dag_runs[0]?.dag_run_id ?? "")}`;
};

const newestRunId = async (product: Product): Promise<string> => (await newestRun(product, "taskflow_etl", "success")).split("/").at(-1) ?? "";

const failedTask = async (product: Product) => `${await failedRun(product)}/tasks/middle`;

export const screens: readonly Screen[] = [
  { name: "home", path: "", ready: text("default_pool") },
  { name: "dags", path: "dags", ready: (page) => page.getByRole("row").getByRole("link", { name: "catchup_backlog", exact: true }).waitFor() },
  { name: "dags-nothing", path: "dags?search=no-such-dag", ready: heading },
  { name: "dag-grid", path: "dags/past_waits", ready: heading },
  { name: "dag-runs", path: "dags/catchup_backlog/runs", ready: heading },
  { name: "dag-code", path: "dags/past_waits/code", ready: heading },
  { name: "dag-schedule", path: "dags/report_mail/schedule", ready: heading },
  { name: "run", path: failedRun, ready: heading },
  { name: "run-waiting", path: (product) => newestRun(product, "past_waits", "running"), ready: heading },
  { name: "task-waiting", path: async (product) => `${await newestRun(product, "past_waits", "running")}/tasks/middle`, ready: text(/depends_on_past/) },
  { name: "run-mapped", path: (product) => newestRun(product, "taskflow_etl", "success"), ready: heading },
  { name: "task-mapped", path: async (product) => `${await newestRun(product, "taskflow_etl", "success")}/tasks/square?map_index=0&tab=mapped`, ready: heading },
  { name: "task-groups", path: async (product) => `${await newestRun(product, "grouped_log", "failed")}/tasks/talk`, ready: text("order 060 has no address") },
  { name: "task-log", path: failedTask, ready: text("broken on the first interval") },
  ...["rendered", "xcom", "history"].map((tab) => ({
    name: `task-${tab}`,
    path: async (product: Product) => `${await failedTask(product)}?tab=${tab}`,
    ready: heading,
  })),
  ...["approve", "choose", "later", "hand_over"].map((task) => ({
    name: `task-${task.replace("_", "-")}`,
    path: async (product: Product) => `${await newestRun(product, "asks_people", "running")}/tasks/${task}`,
    ready: heading,
  })),
  { name: "run-asks", path: (product) => newestRun(product, "asks_people", "running"), ready: text("Send the invoices of May?") },
  { name: "task-history-cleared", path: async (product) => `${await newestRun(product, "taskflow_etl", "success")}/tasks/total?tab=history`, ready: heading },
  { name: "trigger", path: "dags/taskflow_etl/trigger", ready: heading },
  { name: "trigger-ordered", path: "dags/grouped_log/trigger", ready: heading },
  { name: "connections", path: "connections", ready: heading },
  { name: "variables", path: "variables", ready: heading },
  { name: "pools", path: "pools", ready: text("default_pool") },
  { name: "assets", path: "assets", ready: heading },
  { name: "import-errors", path: "import-errors", ready: heading },
  { name: "alerts", path: "alerts", ready: heading },
  { name: "cluster", path: "cluster", ready: text("default_pool") },
  { name: "not-found", path: "no/such/page", ready: heading },
];

export const pathOf = async (screen: Screen, product: Product): Promise<string> =>
  typeof screen.path === "string" ? screen.path : screen.path(product);

/** Waits until nothing is on its way any more. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => document.fonts.status === "loaded" && !document.querySelector("[aria-busy=true], [data-loading]"));
}

/** DAGs as the screens need them: a backlog that ran, a task that failed, the run behind it that waits. */
export async function furnish(product: Product): Promise<void> {
  for (const dag of ["catchup_backlog", "past_waits"]) {
    await product.dag(dag);
    await product.call("PATCH", `/api/v2/dags/${dag}?update_mask=is_paused`, { is_paused: false });
  }
  for (const dag of ["report_mail", "seoul_backlog", "taskflow_etl", "grouped_log", "asks_people", "leads_nowhere"]) await product.dag(dag);
  for (const dag of ["taskflow_etl", "grouped_log", "leads_nowhere", "asks_people"]) {
    await product.call("PATCH", `/api/v2/dags/${dag}?update_mask=is_paused`, { is_paused: false });
    await product.call("POST", `/api/v2/dags/${dag}/dagRuns`, { logical_date: null });
  }
  await product.call("POST", "/api/v2/variables", { key: "report_limit", value: "250", description: "Rows a report may have" });
  await product.call("POST", "/api/v2/variables", { key: "api_key", value: "s3cret", description: "Of the shop" });
  await product.call("POST", "/api/v2/connections", { connection_id: "mail", conn_type: "smtp", host: "smtp.example.com", login: "robot", password: "s3cret", port: 587, description: "Sends the reports" });
  await product.call("POST", "/api/v2/connections", { connection_id: "warehouse", conn_type: "postgres", host: "db.example.com", login: "etl", port: 5432 });
  await product.call("POST", "/api/v2/pools", { name: "warehouse", slots: 4, description: "Connections the warehouse allows", include_deferred: false });
  await until("a run has failed and the backlog has run", 90_000, async () => {
    const runs = (dag: string, state: string) =>
      product.call<{ total_entries: number }>("GET", `/api/v2/dags/${dag}/dagRuns?state=${state}`).then((list) => list.total_entries);
    return (await runs("past_waits", "failed")) > 0 && (await runs("catchup_backlog", "success")) >= 12 && (await runs("taskflow_etl", "success")) > 0 && (await runs("grouped_log", "failed")) > 0;
  });
  await until("tasks wait for people and a trigger", 60_000, async () => {
    const waiting = await product.call<{ total_entries: number }>("GET", "/api/v2/dags/asks_people/dagRuns/~/taskInstances?state=awaiting_input&state=deferred");
    return waiting.total_entries === 4;
  });
  await product.call("PATCH", `/api/v2/dags/taskflow_etl/dagRuns/${await newestRunId(product)}/taskInstances/total`, { new_state: "failed" });
  await product.call("PATCH", `/api/v2/dags/taskflow_etl/dagRuns/${await newestRunId(product)}/taskInstances/total`, { new_state: "success" });
  await until("one alert was sent, one failed and one is tried again", 60_000, async () => {
    const states = ["sent", "failed", "waiting"].map((state) => product.call<{ total_entries: number }>("GET", `/api/v2/tradewind/alerts/deliveries?state=${state}`));
    return (await Promise.all(states)).every((list) => list.total_entries > 0);
  });
}

export const FILES = ["catchup_backlog.py", "depends_on_past.py", "report_mail.py", "taskflow_etl.py", "seoul_backlog.py", "grouped_log.py", "broken.py", "asks_people.py"] as const;

/** Channels of alerts: one that delivers, one that is refused for good, one that cannot be started. */
export async function channels(): Promise<Record<string, string>> {
  const refuses = createServer((_, answer) => answer.writeHead(410).end("no such hook"));
  await new Promise<void>((resolve) => refuses.listen(0, "127.0.0.1", resolve));
  refuses.unref();
  const address = refuses.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const events = ["run_failure"];
  const all = {
    pager: { type: "command", argv: ["/bin/true"], events },
    robot: { type: "webhook", url: `http://127.0.0.1:${port}/in`, events },
    team: { type: "command", argv: ["/nowhere/page", "--team", "data"], events, dags: ["past_*", "grouped_*"] },
  };
  return { AIRFLOW__ALERTS__CHANNELS: JSON.stringify(all) };
}
