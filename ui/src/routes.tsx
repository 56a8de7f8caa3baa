import { createRootRouteWithContext, createRoute, lazyRouteComponent, Outlet, redirect } from "@tanstack/react-router";
import type { QueryClient } from "@tanstack/react-query";
import { configQuery } from "@/api/config";
import { ApiError } from "@/api/error";
import { dagOrders } from "@/screens/dags/filters";
import { choice, flag, present, type Raw, text, texts } from "@/search";
import { Crashed, NotFound } from "@/shell/Crashed";
import { Shell } from "@/shell/Shell";

/** What routes get from the app. */
export interface RouterContext {
  client: QueryClient;
}

export const rootRoute = createRootRouteWithContext<RouterContext>()({
  component: Outlet,
  errorComponent: Crashed,
  notFoundComponent: NotFound,
});

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/auth/login",
  validateSearch: (raw: Raw) => present({ next: text(raw.next), ended: flag(raw.ended) }),
  component: lazyRouteComponent(() => import("./screens/SignIn"), "SignIn"),
});

/** All screens of signed-in people: below this, the shell is around them. */
export const appRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "app",
  component: Shell,
  beforeLoad: async ({ context, location }) => {
    try {
      await context.client.ensureQueryData(configQuery);
    } catch (error) {
      if (error instanceof ApiError && error.signedOut) {
        throw redirect({ to: "/auth/login", search: { next: location.href }, replace: true });
      }
      throw error;
    }
  },
});

const homeRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/",
  component: lazyRouteComponent(() => import("./screens/home/Home"), "Home"),
});

const dagsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/dags",
  validateSearch: (raw: Raw) =>
    present({
    search: text(raw.search),
    tags: texts(raw.tags),
    tags_match_mode: choice("any", "all")(raw.tags_match_mode),
    paused: choice("true", "false", "all")(raw.paused),
    last_run_state: choice("queued", "running", "success", "failed")(raw.last_run_state),
    owner: text(raw.owner),
    favorite: flag(raw.favorite),
    has_import_errors: flag(raw.has_import_errors),
    order_by: choice(...dagOrders)(raw.order_by),
    }),
  component: lazyRouteComponent(() => import("./screens/dags/Dags"), "Dags"),
});

// One line per screen: a route above, its name here.
export const routeTree = rootRoute.addChildren([signInRoute, appRoute.addChildren([homeRoute, dagsRoute])]);
