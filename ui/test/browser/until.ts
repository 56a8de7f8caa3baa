import { setTimeout as pause } from "node:timers/promises";

/** Asks again until it is so; after `bound` milliseconds it is an error that says what was waited for. */
export async function until<T>(what: string, bound: number, ask: () => T | Promise<T>): Promise<NonNullable<T>> {
  const end = Date.now() + bound;
  for (;;) {
    const found = await ask();
    if (found) return found as NonNullable<T>;
    if (Date.now() > end) throw new Error(`not within ${bound / 1000} s: ${what}`);
    await pause(20);
  }
}
