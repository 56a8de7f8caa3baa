import type { Part } from "../types";

export const home = {
  title: "Home",
} as const satisfies Part;
