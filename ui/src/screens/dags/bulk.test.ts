// @vitest-environment happy-dom
import { expect, it } from "vitest";
import type { UnpausePreview } from "@/api/types";
import { several, started, touched } from "./bulk";

const dag = (dag_id: string, is_paused: boolean) => ({ dag_id, dag_display_name: dag_id, is_paused });

it("changes only what is not so already", () => {
  const chosen = [dag("a", true), dag("b", false)];
  expect(touched("pause", chosen).map((one) => one.dag_id)).toEqual(["b"]);
  expect(touched("unpause", chosen).map((one) => one.dag_id)).toEqual(["a"]);
  expect(touched("trigger", chosen)).toHaveLength(2);
});

it("works through a list a few at a time, and stops when asked to", async () => {
  const stop = new AbortController();
  const seen: number[] = [];
  let now = 0;
  let most = 0;
  await several([1, 2, 3, 4, 5, 6, 7, 8, 9], stop.signal, async (one) => {
    now += 1;
    most = Math.max(most, now);
    await Promise.resolve();
    seen.push(one);
    if (one === 6) stop.abort();
    now -= 1;
  });
  expect(most).toBe(4);
  expect(seen.slice(0, 6)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(seen).not.toContain(9);
});

it("adds up what unpausing starts", () => {
  const preview = (count: number, exact: boolean) => ({ count, exact }) as UnpausePreview;
  expect(started([preview(400, true), preview(12, true)])).toEqual({ count: 412, exact: true });
  expect(started([preview(1000, false), preview(1, true)])).toEqual({ count: 1001, exact: false });
});
