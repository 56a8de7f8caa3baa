import { createRootRouteWithContext, createRoute, lazyRouteComponent, Outlet, redirect } from "@tanstack/react-router";
import type { QueryClient } from "@tanstack/react-query";
import { configQuery } from "@/api/config";
import { ApiError } from "@/api/error";
import { choice, flag, instant, integer, present, type Raw, text, texts } from "@/search";
import { RUN_ORDERS, RUN_STATES, RUN_TYPES } from "@/screens/dag/filters";
import { dagOrders } from "@/screens/dags/filters";
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
        throw redirect({ to: "/auth/login", search: { next: location.publicHref }, replace: true });
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

const dagRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/dags/$dagId",
  component: lazyRouteComponent(() => import("./screens/dag/Dag"), "Dag"),
});

const gridRoute = createRoute({
  getParentRoute: () => dagRoute,
  path: "/",
  validateSearch: (raw: Raw) => present({ run_type: choice(...RUN_TYPES)(raw.run_type), state: choice(...RUN_STATES)(raw.state), until: instant(raw.until) }),
  component: lazyRouteComponent(() => import("./screens/dag/grid/GridTab"), "GridTab"),
});

const oldGridRoute = createRoute({
  getParentRoute: () => dagRoute,
  path: "/grid",
  beforeLoad: ({ params }) => {
    throw redirect({ to: "/dags/$dagId", params: { dagId: (params as { dagId: string }).dagId }, replace: true });
  },
});

const runsRoute = createRoute({
  getParentRoute: () => dagRoute,
  path: "/runs",
  validateSearch: (raw: Raw) =>
    present({
      state: choice(...RUN_STATES)(raw.state),
      run_type: choice(...RUN_TYPES)(raw.run_type),
      from: instant(raw.from),
      until: instant(raw.until),
      sort: choice(...RUN_ORDERS)(raw.sort),
    }),
  component: lazyRouteComponent(() => import("./screens/dag/runs/RunsTab"), "RunsTab"),
});

const codeRoute = createRoute({
  getParentRoute: () => dagRoute,
  path: "/code",
  validateSearch: (raw: Raw) => present({ version: integer(raw.version), line: integer(raw.line), task: text(raw.task) }),
  component: lazyRouteComponent(() => import("./screens/dag/code/CodeTab"), "CodeTab"),
});

const scheduleRoute = createRoute({
  getParentRoute: () => dagRoute,
  path: "/schedule",
  validateSearch: (raw: Raw) => present({ from: instant(raw.from) }),
  component: lazyRouteComponent(() => import("./screens/dag/schedule/ScheduleTab"), "ScheduleTab"),
});

const runRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/dags/$dagId/runs/$runId",
  validateSearch: (raw: Raw) => present({ state: text(raw.state), task: text(raw.task), order: choice("start", "duration")(raw.order) }),
  component: lazyRouteComponent(() => import("./screens/run/Run"), "Run"),
});

const searched = (raw: Raw) => present({ search: text(raw.search) });
const listed = (raw: Raw) => present({ search: text(raw.search), sort: text(raw.sort) });

const connectionsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/connections",
  validateSearch: listed,
  component: lazyRouteComponent(() => import("./screens/connections/Connections"), "Connections"),
});

const variablesRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/variables",
  validateSearch: listed,
  component: lazyRouteComponent(() => import("./screens/variables/Variables"), "Variables"),
});

const poolsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/pools",
  validateSearch: (raw: Raw) => present({ search: text(raw.search), sort: text(raw.sort), pool: text(raw.pool) }),
  component: lazyRouteComponent(() => import("./screens/pools/Pools"), "Pools"),
});

const importErrorsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/import-errors",
  validateSearch: searched,
  component: lazyRouteComponent(() => import("./screens/importErrors/ImportErrors"), "ImportErrors"),
});

const assetsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/assets",
  validateSearch: (raw: Raw) => present({ search: text(raw.search), sort: text(raw.sort), all: flag(raw.all), asset: integer(raw.asset) }),
  component: lazyRouteComponent(() => import("./screens/assets/Assets"), "Assets"),
});

const alertsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/alerts",
  validateSearch: (raw: Raw) => present({ state: text(raw.state), channel: text(raw.channel) }),
  component: lazyRouteComponent(() => import("./screens/alerts/Alerts"), "Alerts"),
});

const triggerRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/dags/$dagId/trigger",
  validateSearch: (raw: Raw) => present({ run: text(raw.run) }),
  component: lazyRouteComponent(() => import("./screens/trigger/Trigger"), "Trigger"),
});

const taskRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/dags/$dagId/runs/$runId/tasks/$taskId",
  validateSearch: (raw: Raw) =>
    present({
      map_index: integer(raw.map_index),
      try: integer(raw.try),
      tab: choice("log", "rendered", "xcom", "history", "mapped")(raw.tab),
      line: integer(raw.line),
      state: text(raw.state),
      // An answer filled in, by the link of a message: JSON.
      options: text(raw.options),
      params_input: text(raw.params_input),
    }),
  component: lazyRouteComponent(() => import("./screens/task/Task"), "Task"),
});

const clusterRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/cluster",
  component: lazyRouteComponent(() => import("./screens/cluster/Cluster"), "Cluster"),
});

const notFoundRoute = createRoute({ getParentRoute: () => appRoute, path: "$", component: NotFound });

// One line per screen: a route above, its name here.
const screens = appRoute.addChildren([
  homeRoute,
  dagsRoute,
  dagRoute.addChildren([gridRoute, oldGridRoute, runsRoute, codeRoute, scheduleRoute]),
  runRoute,
  taskRoute,
  triggerRoute,
  assetsRoute,
  importErrorsRoute,
  alertsRoute,
  connectionsRoute,
  variablesRoute,
  poolsRoute,
  clusterRoute,
  notFoundRoute,
]);
export const routeTree = rootRoute.addChildren([signInRoute, screens]);
