import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api } from "@/api/client";
import type { Schemas } from "@/api/schema";

export type Asset = Schemas["AssetResponse"];
export type AssetEvent = Schemas["AssetEventResponse"];

const PAGE = 50;
const EVENTS = 20;

/** Assets whose name has these letters. */
export const assetsQuery = (search: string, order_by: string, all: boolean) =>
  infiniteQueryOptions({
    queryKey: ["assets", "list", search, order_by, all],
    queryFn: ({ signal, pageParam }) =>
      api.get("/api/v2/assets", { query: { name_pattern: search, only_active: !all, order_by, limit: PAGE, offset: pageParam }, signal }),
    initialPageParam: 0,
    getNextPageParam: (page, pages) => {
      const shown = pages.reduce((sum, one) => sum + one.assets.length, 0);
      return page.assets.length > 0 && shown < page.total_entries ? shown : undefined;
    },
    placeholderData: keepPreviousData,
  });

/** The newest events of an asset. */
export const assetEventsQuery = (asset_id: number) =>
  queryOptions({
    queryKey: ["assets", "events", asset_id],
    queryFn: ({ signal }) => api.get("/api/v2/assets/events", { query: { asset_id, order_by: "-timestamp", limit: EVENTS }, signal }),
  });

/** DAGs for which an asset is queued. */
export const queuedQuery = (asset_id: number) =>
  queryOptions({
    queryKey: ["assets", "queued", asset_id],
    queryFn: ({ signal }) => api.get("/api/v2/assets/{asset_id}/queuedEvents", { path: { asset_id: String(asset_id) }, signal }),
  });
