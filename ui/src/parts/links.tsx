import { Link, type LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";

interface Common {
  children: ReactNode;
  className?: string | undefined;
  title?: string;
}

export function DagLink({ dagId, children, ...rest }: Common & { dagId: string }) {
  return (
    <Link translate="no" {...rest} {...dagAddress(dagId)}>
      {children}
    </Link>
  );
}

export function RunLink({ dagId, runId, children, ...rest }: Common & { dagId: string; runId: string }) {
  return (
    <Link translate="no" {...rest} {...runAddress(dagId, runId)}>
      {children}
    </Link>
  );
}

interface Task {
  dagId: string;
  runId: string;
  taskId: string;
  mapIndex?: number | undefined;
}

export function TaskLink({ dagId, runId, taskId, mapIndex, children, ...rest }: Common & Task) {
  return (
    <Link translate="no" {...rest} {...taskAddress({ dagId, runId, taskId, mapIndex })}>
      {children}
    </Link>
  );
}

/*
 * Addresses for links and `navigate`. The casts join values that belong together: the router checks a path and its parameters only
 * where both are written in one place.
 */
type Address = Pick<LinkProps, "to" | "params" | "search">;
const address = (to: string, params: Record<string, string>, search: object = {}) => ({ to, params, search }) as unknown as Address;

export const dagAddress = (dagId: string): Address => address("/dags/$dagId", { dagId });
export const runAddress = (dagId: string, runId: string): Address => address("/dags/$dagId/runs/$runId", { dagId, runId });
export const poolAddress = (pool: string): Address => address("/pools", {}, { pool });
export const triggerAddress = (dagId: string): Address => address("/dags/$dagId/trigger", { dagId });
export const taskAddress = ({ dagId, runId, taskId, mapIndex }: Task): Address =>
  address("/dags/$dagId/runs/$runId/tasks/$taskId", { dagId, runId, taskId }, mapIndex === undefined || mapIndex < 0 ? {} : { map_index: mapIndex });
