import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { address, send } from "@/api/client";

export const deliveryStates = ["waiting", "held", "sending", "sent", "grouped", "failed"] as const;
export type DeliveryState = (typeof deliveryStates)[number];

export interface Recipient {
  address: string;
  state: "waiting" | "sent" | "refused";
  error: string | null;
}
export interface Delivery {
  id: number;
  created_at: string;
  channel: string;
  kind: string;
  subject: string | null;
  recipients: Recipient[];
  dag_id: string | null;
  run_id: string | null;
  task_id: string | null;
  map_index: number | null;
  try_number: number | null;
  state: DeliveryState;
  tries: number;
  next_try_at: string | null;
  sent_at: string | null;
  last_error: string | null;
  grouped_count: number;
  digest_id: number | null;
}
export interface Channel {
  name: string;
  type: string;
  /** A server or host; never what is secret of an address. */
  target: string;
  recipients: string[];
  events: string[];
  dags: string[];
  tags: string[];
  owners: string[];
}

interface DeliveryPage {
  deliveries: Delivery[];
  total_entries: number;
  next_cursor: string | null;
}

export const deliveriesQuery = (filters: { state?: string | undefined; channel?: string | undefined }) =>
  infiniteQueryOptions({
    queryKey: ["alerts", "deliveries", filters],
    queryFn: ({ signal, pageParam }) =>
      send<DeliveryPage>("get", address("/api/v2/tradewind/alerts/deliveries", {}, { ...filters, limit: 50, cursor: pageParam }), undefined, { signal }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });

export const channelsQuery = queryOptions({
  queryKey: ["alerts", "channels"],
  queryFn: async ({ signal }) =>
    (await send<{ channels: Channel[] }>("get", address("/api/v2/tradewind/alerts/channels"), undefined, { signal })).channels,
});

export const retryDelivery = (id: number) => send("post", address("/api/v2/tradewind/alerts/deliveries/{id}/retry", { id }), {});

export const testChannel = (channel: string, to: string | null) =>
  send<{ ok: boolean; error: string | null }>("post", address("/api/v2/tradewind/alerts/test"), { channel, ...(to === null ? {} : { to }) });
