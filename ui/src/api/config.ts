import { queryOptions, useQuery } from "@tanstack/react-query";
import { instanceName } from "./base";
import { api } from "./client";
import type { UiConfig } from "./types";

/** What holds until the server has said. */
const unknown: UiConfig = {
  instance_name: instanceName,
  version: "",
  default_timezone: "UTC",
  default_ui_timezone: "",
  base_url: "",
  page_size: 50,
  maximum_page_size: 100,
  auto_refresh: 3,
  hide_paused_dags_by_default: false,
  user: { username: "", role: "VIEWER", permissions: { read: true, run: false, operate: false, secrets: false } },
};

export const configQuery = queryOptions({
  queryKey: ["config"],
  queryFn: ({ signal }) => api.get("/api/v2/tradewind/ui/config", { signal }),
  staleTime: Number.POSITIVE_INFINITY,
  retry: false,
});

/** The server's settings for this page, and who is signed in. */
export function useConfig(): UiConfig {
  return useQuery({ ...configQuery, enabled: false }).data ?? unknown;
}

/** What a role must at least be for an act. */
const RANK = { VIEWER: 0, USER: 1, OP: 2, ADMIN: 3 } as const;
export type Role = keyof typeof RANK;

/** Whether the signed-in user may do what asks for `role`. */
export function useMay(role: Role): boolean {
  const { user } = useConfig();
  return (RANK[user.role as Role] ?? 0) >= RANK[role];
}
