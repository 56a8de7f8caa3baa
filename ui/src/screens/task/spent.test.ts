// @vitest-environment happy-dom
import { expect, it } from "vitest";
import type { TaskTry } from "@/api/work";
import { spent } from "./spent";

const at = (second: number) => new Date(second * 1000).toISOString();
const made = (times: Partial<TaskTry>) => ({ try_number: 1, scheduled_when: null, queued_when: null, start_date: null, end_date: null, ...times }) as TaskTry;

it("tells where the time of a try went", () => {
  expect(spent(made({ scheduled_when: at(10), queued_when: at(12), start_date: at(15), end_date: at(45) }), 0)).toEqual([
    { state: "scheduled", seconds: 2 },
    { state: "queued", seconds: 3 },
    { state: "running", seconds: 30 },
  ]);
  expect(spent(made({ queued_when: at(12), start_date: at(15) }), 25_000)).toEqual([
    { state: "queued", seconds: 3 },
    { state: "running", seconds: 10 },
  ]);
  // Scheduled again after it was queued: a time of another try is left out.
  expect(spent(made({ scheduled_when: at(50), queued_when: at(12), start_date: at(15), end_date: at(16) }), 0).map((part) => part.state)).toEqual(["queued", "running"]);
  expect(spent(made({ try_number: 0, scheduled_when: at(1) }), 9000)).toEqual([]);
});
