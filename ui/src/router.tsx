import type { QueryClient } from "@tanstack/react-query";
import { createRouter } from "@tanstack/react-router";
import { basePath } from "@/api/base";
import { Loading } from "@/parts/Loading";
import { routeTree } from "@/routes";
import { parseSearch, stringifySearch } from "@/search";
import { Crashed, NotFound } from "@/shell/Crashed";

export const makeRouter = (client: QueryClient) =>
  createRouter({
    routeTree,
    basepath: basePath,
    context: { client },
    parseSearch,
    stringifySearch,
    defaultPreload: "intent",
    // Data is the query cache's; the router only loads code.
    defaultPreloadStaleTime: 0,
    defaultPendingMs: 200,
    defaultPendingComponent: Loading,
    defaultErrorComponent: Crashed,
    defaultNotFoundComponent: NotFound,
    scrollRestoration: true,
  });

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
