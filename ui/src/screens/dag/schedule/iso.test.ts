import { expect, it } from "vitest";
import { seconds } from "./iso";

it("reads durations of the API", () => {
  expect(seconds("PT1H30M")).toBe(5400);
  expect(seconds("P1DT2H3M4.5S")).toBe(93_784.5);
  expect(seconds("PT0S")).toBe(0);
  expect(seconds("an hour")).toBeNull();
});
