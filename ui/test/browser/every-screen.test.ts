import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { axe, contrast } from "./axe";
import { type Look, openBrowser, openContext, signIn } from "./browser";
import { Product } from "./product";
import { channels, FILES, furnish, pathOf, screens, settled } from "./screens";

let product: Product;
let browser: Browser;

beforeAll(async () => {
  product = await Product.start(FILES, await channels());
  browser = await openBrowser();
  await furnish(product);
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
});

/** Visits every screen; gives what `check` says of each. */
async function visit(look: Look, check: (page: Page) => Promise<string[]>): Promise<string[]> {
  const { context, page, problems } = await openContext(browser, product, look);
  await signIn(page, product);
  const said: string[] = [];
  for (const screen of screens) {
    await page.goto(await pathOf(screen, product));
    await screen.ready(page);
    await settled(page);
    said.push(...(await check(page)).map((line) => `${screen.name}: ${line}`));
  }
  await context.close();
  return [...said, ...problems];
}

const WINDOWS = [
  { width: 390, height: 800 },
  { width: 640, height: 400 },
  { width: 1280, height: 720 },
] as const;

const widerThanItsWindow = (page: Page) =>
  page.evaluate(async () => {
    // What follows the window by script is drawn a frame later.
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    const { scrollWidth } = document.documentElement;
    return scrollWidth > innerWidth ? [`${scrollWidth} px wide in a window of ${innerWidth}`] : [];
  });

describe("every screen", () => {
  // One visit for all of it: loading a screen costs more than looking at it once more.
  it("has nothing for axe to find in both themes, and fits windows without scrolling sideways", async () => {
    const found = await visit({ theme: "system" }, async (page) => {
      const said = await axe(page);
      await page.emulateMedia({ colorScheme: "dark" });
      said.push(...(await contrast(page)).map((line) => `dark: ${line}`));
      for (const window of WINDOWS) {
        await page.setViewportSize(window);
        said.push(...(await widerThanItsWindow(page)));
      }
      await page.emulateMedia({ colorScheme: "light" });
      return said;
    });
    expect(found).toEqual([]);
  });

  // The linter finds texts written into the components; this finds what reaches heads, buttons and labels some other way.
  it("labels nothing with words that are not in the catalogue", async () => {
    const unwrapped = await visit({ language: "pseudo" }, (page) =>
      page.evaluate(() => {
        const labels = document.querySelectorAll("button, th, label, legend, dt, h2, h3, [role=tab], [role=columnheader], [aria-label]");
        return [...labels].flatMap((element) => {
          // Data, and what `Intl` says, is not translated by us.
          if (element.closest("[translate=no], time, code, [role=row] th[scope=row], tbody")) return [];
          const words = element.cloneNode(true) as Element;
          for (const data of words.querySelectorAll("[translate=no]")) data.remove();
          const said = element.getAttribute("aria-label") ?? words.textContent ?? "";
          return /[A-Za-z]{3,}/.test(said) && !said.includes("⟦") ? [`${element.tagName.toLowerCase()}: ${said}`] : [];
        });
      }),
    );
    expect(unwrapped).toEqual([]);
  });
});

describe("below a base path", () => {
  it("everything works", async () => {
    const below = await Product.start(["taskflow_etl.py"], { AIRFLOW__API__BASE_URL: "http://localhost/some/flows" });
    try {
      await below.dag("taskflow_etl");
      const { context, page, problems } = await openContext(browser, below);
      await signIn(page, below, "dags?search=etl");
      await page.getByRole("link", { name: "taskflow_etl", exact: true }).waitFor();
      expect(new URL(page.url()).pathname).toBe("/some/flows/dags");
      await page.reload();
      await page.getByRole("link", { name: "taskflow_etl", exact: true }).waitFor();
      await page.getByRole("link", { name: "Home", exact: true }).click();
      await page.getByText("default_pool").waitFor();
      expect(new URL(page.url()).pathname).toBe("/some/flows/");
      expect(problems).toEqual([]);
      await context.close();
    } finally {
      await below.stop();
    }
  });
});
