// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import type { TaskInstance, TaskTry } from "@/api/work";
import { hasLog, latestOf, triesOf } from "./tries";

const one = (try_number: number, state: string | null) => ({ try_number, state }) as TaskTry;
const task = (try_number: number, state: string | null) => ({ try_number, state, note: null }) as TaskInstance;

describe("tries", () => {
  it("are shown once each, with the one that runs now", () => {
    const tries = triesOf([one(1, "failed"), one(2, "up_for_reschedule"), one(2, "failed")], task(3, "running"));
    expect(tries.map((each) => [each.try_number, each.state])).toEqual([
      [1, "failed"],
      [2, "failed"],
      [3, "running"],
    ]);
    expect(latestOf(tries, task(3, "running"))).toBe(3);
  });

  it("keep the state they ended with while the next one is waited for", () => {
    const tries = triesOf([one(1, "failed")], task(1, "up_for_retry"));
    expect(tries.map((each) => each.state)).toEqual(["failed"]);
  });

  it("have no log before they begin", () => {
    expect(triesOf([], task(0, null))).toEqual([]);
    expect(hasLog(one(0, null))).toBe(false);
    expect(hasLog(one(1, "running"))).toBe(true);
  });
});
