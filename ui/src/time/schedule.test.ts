// @vitest-environment happy-dom
import { expect, it } from "vitest";
import { cronWords, scheduleCode } from "./schedule";

it("reads cron expressions aloud", async () => {
  expect(await cronWords("0 2 * * *", "en")).toBe("At 02:00, every day");
  expect(await cronWords("0 * * * *", "en")).toBe("Every hour");
  expect(await cronWords("30 9 * * MON-FRI", "en")).toBe("At 09:30, Monday through Friday");
  expect(await cronWords("0 2 * * *", "ko")).toBe("02:00, 매일");
  expect(await cronWords("not a cron", "en")).toBe("not a cron");
});

it("shows beside the words only what they do not say", () => {
  expect(["0 2 * * *", "@daily", "Asset", "None", "Asset or 0 0 1 1 *"].map(scheduleCode)).toEqual(["0 2 * * *", "@daily", null, null, "0 0 1 1 *"]);
});
