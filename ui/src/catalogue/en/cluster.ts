import type { Part } from "../types";

export const cluster = {
  title: "Cluster",
  processes: "Processes",
  lead: "Every process of this installation that gave a sign of life within the last ten minutes.",
  kind: "Part",
  host: "Host",
  pid: "Process",
  version: "Version",
  since: "Since",
  beat: "Last beat",
  state: "State",
  healthy: "Healthy",
  lost: "No sign of life",
  pools: "Pools",
} as const satisfies Part;
