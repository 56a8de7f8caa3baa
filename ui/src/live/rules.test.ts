import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { addPatch, applyBatch, touched } from "./rules";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("asks again only for what a change touches", () => {
  expect(touched([{ kind: "task_instance", dag_id: "d", run_id: "r", task_id: "t" }])).toEqual([
    ["home"],
    ["dag", "d", "grid"],
    ["dag", "d", "run", "r"],
  ]);
  expect(touched([{ kind: "task_instance", dag_id: "d", run_id: "r", task_id: "t", state: "success" }])).toContainEqual(["assets"]);
  expect(touched([{ kind: "dag_run", dag_id: "d", run_id: "r" }])).toEqual([["home"], ["dags"], ["assets"], ["dag", "d"]]);
  expect(touched([{ kind: "alert" }, { kind: "alert" }])).toEqual([["alerts"]]);
  expect(touched([{ kind: "alert" }, { kind: "reset" }])).toEqual([[]]);
});

it("asks for lists of everything once a second, however much changes", () => {
  const client = new QueryClient();
  const invalidate = vi.spyOn(client, "invalidateQueries").mockResolvedValue();
  const homes = () => invalidate.mock.calls.filter(([filters]) => filters?.queryKey?.[0] === "home").length;
  for (let batch = 0; batch < 20; batch += 1) applyBatch([{ kind: "dag", dag_id: "d" }], client);
  expect(homes()).toBe(1);
  vi.advanceTimersByTime(1000);
  expect(homes()).toBe(2);
  vi.advanceTimersByTime(5000);
  expect(homes()).toBe(2);
});

it("lets a screen patch what it holds", () => {
  const patch = vi.fn();
  const remove = addPatch(patch);
  const client = new QueryClient();
  applyBatch([{ kind: "alert" }], client);
  remove();
  applyBatch([{ kind: "alert" }], client);
  expect(patch).toHaveBeenCalledOnce();
});

it("asks for the same thing at most four times a second, and lets an answer arrive", async () => {
  const client = new QueryClient();
  let asked = 0;
  let answer: (value: number) => void = () => undefined;
  await client.prefetchQuery({ queryKey: ["dag", "busy", "run", "r", "row"], queryFn: () => 0 });
  const observer = new QueryObserver(client, {
    queryKey: ["dag", "busy", "run", "r", "row"],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: () =>
      new Promise<number>((resolve) => {
        asked += 1;
        answer = resolve;
      }),
  });
  const stop = observer.subscribe(() => undefined);
  const event = { kind: "task_instance", dag_id: "busy", run_id: "r", task_id: "t" } as const;
  applyBatch([event], client);
  expect(asked).toBe(1);
  for (let batch = 0; batch < 8; batch += 1) {
    applyBatch([event], client);
    await vi.advanceTimersByTimeAsync(150);
  }
  expect(asked).toBe(1);
  answer(1);
  await vi.advanceTimersByTimeAsync(300);
  expect(asked).toBe(2);
  stop();
});
