import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { Tooltip } from "radix-ui";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { onSignedOut } from "@/api/client";
import { configQuery } from "@/api/config";
import { ApiError } from "@/api/error";
import { CatalogueProvider } from "@/catalogue/use";
import { Notices, notify } from "@/parts/notices";
import { makeRouter } from "@/router";
import { apply } from "@/settings/store";
import "@/styles/tokens.css";
import "@/styles/base.css";

const client = new QueryClient({
  queryCache: new QueryCache(),
  mutationCache: new MutationCache({
    // A screen that shows the error itself says so with `meta: { quiet: true }`.
    onError: (error, _variables, _context, mutation) => {
      if (mutation.meta?.quiet !== true) notify({ kind: "failed", error });
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      // Changes come by the stream; what it missed while the tab slept is asked for when it is seen again.
      refetchOnWindowFocus: "always",
      retry: (count, error) => error instanceof ApiError && error.transient && count < 2,
    },
  },
});

const router = makeRouter(client);

onSignedOut(() => {
  const { pathname, publicHref } = router.state.location;
  const known = client.getQueryData(configQuery.queryKey) !== undefined;
  // Who was never signed in is sent to the form by the route.
  if (pathname === "/auth/login" || !known) return;
  client.removeQueries({ queryKey: configQuery.queryKey });
  void router.navigate({ to: "/auth/login", search: { next: publicHref, ended: true }, replace: true });
});

apply();
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <CatalogueProvider>
          <Tooltip.Provider delayDuration={300}>
            <RouterProvider router={router} />
            <Notices />
          </Tooltip.Provider>
        </CatalogueProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
}
