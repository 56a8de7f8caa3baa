import { type ChildProcess, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "./until";

const root = join(import.meta.dirname, "../../..");

function binary(): string {
  const path = process.env.TRADEWIND_BINARY ?? join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug/tradewind");
  if (!existsSync(path)) throw new Error(`${path} does not exist: run \`make build\`, or name one in TRADEWIND_BINARY`);
  return path;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

/** The product in one process, with a home, DAG files and a port of its own. */
export class Product {
  readonly home = mkdtempSync(join(tmpdir(), "tradewind-ui-"));
  readonly dags = join(this.home, "dags");
  #process: ChildProcess | undefined;
  url = "";
  password = "";
  token = "";

  static async start(files: readonly string[], env: Record<string, string> = {}): Promise<Product> {
    const product = new Product();
    mkdirSync(product.dags);
    for (const file of files) product.add(file);
    await product.#start(env);
    return product;
  }

  /** Copies a file of our own `dags`, else of `tests/dags`, into the DAGs folder. */
  add(file: string): void {
    const own = join(import.meta.dirname, "dags", file);
    copyFileSync(existsSync(own) ? own : join(root, "tests/dags", file), join(this.dags, file));
  }

  async #start(env: Record<string, string>): Promise<void> {
    const port = await freePort();
    const { pathname } = new URL(env.AIRFLOW__API__BASE_URL ?? "http://localhost/");
    this.url = `http://127.0.0.1:${port}${pathname.replace(/\/$/, "")}`;
    const log = openSync(join(this.home, "product.log"), "a");
    this.#process = spawn(binary(), ["standalone"], {
      detached: true,
      stdio: ["ignore", log, log],
      env: {
        ...process.env,
        TRADEWIND_HOME: this.home,
        AIRFLOW__CORE__DAGS_FOLDER: this.dags,
        AIRFLOW__CORE__LOAD_EXAMPLES: "False",
        AIRFLOW__API__PORT: String(port),
        ...env,
      },
    });
    await until("the product is healthy", 60_000, async () => {
      if (this.#process?.exitCode !== null) throw new Error(`the product ended:\n${this.log()}`);
      const health = await fetch(`${this.url}/api/v2/monitor/health`).then((answer) => answer.json() as Promise<Health>, () => null);
      return health && ["metadatabase", "scheduler", "dag_processor"].every((part) => health[part]?.status === "healthy");
    });
    this.password = readFileSync(join(this.home, "standalone_admin_password.txt"), "utf8").trim();
    const answer = await this.call<{ access_token: string }>("POST", "/auth/token", { username: "admin", password: this.password });
    this.token = answer.access_token;
  }

  log(): string {
    return readFileSync(join(this.home, "product.log"), "utf8").slice(-4000);
  }

  async call<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(this.url + path, {
      method,
      headers: { "Content-Type": "application/json", ...(this.token ? { Authorization: `Bearer ${this.token}` } : {}) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status}: ${text}`);
    return (text === "" ? undefined : JSON.parse(text)) as T;
  }

  /** Waits until the file of a DAG was read. */
  async dag(dag_id: string): Promise<void> {
    await until(`the DAG ${dag_id} is known`, 60_000, () => this.call("GET", `/api/v2/dags/${dag_id}`).then(() => true, () => false));
  }

  async stop(): Promise<void> {
    const running = this.#process;
    if (running && running.exitCode === null) {
      const ended = new Promise((resolve) => running.once("exit", resolve));
      running.kill("SIGTERM");
      const overdue = setTimeout(() => running.kill("SIGKILL"), 15_000);
      await ended;
      clearTimeout(overdue);
    }
    rmSync(this.home, { recursive: true, force: true });
  }
}

type Health = Record<string, { status: string } | undefined>;
