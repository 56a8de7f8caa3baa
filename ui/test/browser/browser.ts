import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import type { Product } from "./product";

/** No step takes this long, on however busy a machine. */
export const BOUND = 15_000;

export async function openBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  if (!existsSync(executablePath)) {
    throw new Error(`${executablePath} is missing: install Chromium (on Debian: apt install chromium), or name one in CHROMIUM`);
  }
  return chromium.launch({
    executablePath,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

export interface Look {
  theme?: "light" | "dark" | "system";
  language?: "en" | "ko" | "pseudo";
  zone?: string;
  width?: number;
  height?: number;
}

/** A fresh browser context that takes notes of whatever goes wrong in its pages. */
export async function openContext(browser: Browser, product: Product, look: Look = {}): Promise<{ context: BrowserContext; page: Page; problems: string[] }> {
  const context = await browser.newContext({
    baseURL: `${product.url}/`,
    viewport: { width: look.width ?? 1280, height: look.height ?? 800 },
    locale: "en-US",
    timezoneId: "America/New_York",
    reducedMotion: "reduce",
    colorScheme: "light",
  });
  context.setDefaultTimeout(BOUND);
  const settings = { theme: look.theme ?? "light", language: look.language ?? "en", zone: look.zone ?? "" };
  await context.addInitScript((value) => localStorage.getItem("tradewind.settings") ?? localStorage.setItem("tradewind.settings", value), JSON.stringify(settings));
  if (process.env.UI_DIST) await serveFrom(context, product, process.env.UI_DIST);
  const problems: string[] = [];
  const page = await context.newPage();
  page.on("pageerror", (error) => problems.push(`error: ${error.message}`));
  page.on("console", (message) => {
    // Refused sign-ins are shown to the person, and logged by the browser whatever we do.
    if (message.type() === "error" && !/status of 40[13]/.test(message.text())) problems.push(`console: ${message.text()} ${message.location().url}`);
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(product.url) && !request.url().startsWith("data:")) problems.push(`foreign request: ${request.url()}`);
  });
  return { context, page, problems };
}

/** While one works on the UI: the files of a folder instead of those in the program, under the program's own policy. */
async function serveFrom(context: BrowserContext, product: Product, folder: string): Promise<void> {
  const base = `${new URL(product.url).pathname.replace(/\/$/, "")}/`;
  const kinds: Record<string, string> = { js: "text/javascript", css: "text/css", svg: "image/svg+xml" };
  await context.route(`${product.url}/**`, async (route) => {
    const { pathname } = new URL(route.request().url());
    const file = join(folder, pathname.slice(base.length));
    const kind = kinds[pathname.split(".").at(-1) ?? ""];
    if (kind && existsSync(file)) return route.fulfill({ path: file, contentType: kind });
    if (route.request().resourceType() !== "document") return route.continue();
    const answer = await route.fetch();
    const body = readFileSync(join(folder, "index.html"), "utf8").replace('<base href="/"', `<base href="${base}"`);
    return route.fulfill({ response: answer, body });
  });
}

/** Signs in through the form, and waits for the screen that was asked for. */
export async function signIn(page: Page, product: Product, path = ""): Promise<void> {
  await page.goto(path);
  await page.getByRole("button", { name: /^(Sign in|로그인|⟦.*⟧)$/ }).waitFor();
  await page.locator("input[name=username]").fill("admin");
  await page.locator("input[name=password]").fill(product.password);
  await page.keyboard.press("Enter");
  await page.locator("main#main").waitFor();
}
