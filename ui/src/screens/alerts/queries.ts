import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api } from "@/api/client";
import type { Schemas } from "@/api/schema";

export type DeliveryState = Schemas["AlertState"];
export type Recipient = Schemas["AlertRecipient"];
export type Delivery = Schemas["AlertDelivery"];
export type Channel = Schemas["AlertChannel"];

export const deliveryStates = ["waiting", "held", "sending", "sent", "grouped", "failed"] as const satisfies readonly DeliveryState[];

export const deliveriesQuery = (filters: { state?: string | undefined; channel?: string | undefined }) =>
  infiniteQueryOptions({
    queryKey: ["alerts", "deliveries", filters],
    queryFn: ({ signal, pageParam }) => api.get("/api/v2/tradewind/alerts/deliveries", { query: { ...filters, limit: 50, cursor: pageParam }, signal }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });

export const channelsQuery = queryOptions({
  queryKey: ["alerts", "channels"],
  queryFn: async ({ signal }) => (await api.get("/api/v2/tradewind/alerts/channels", { signal })).channels,
});

export const retryDelivery = (delivery_id: number) => api.post("/api/v2/tradewind/alerts/deliveries/{delivery_id}/retry", { path: { delivery_id } });

export const testChannel = (channel: string, to: string | null) =>
  api.post("/api/v2/tradewind/alerts/test", { body: { channel, ...(to === null ? {} : { to }) } });
