import { createContext, type ReactNode, useContext } from "react";
import { useConfig } from "@/api/config";
import { useSettings } from "@/settings/store";
import { browserZone, isZone } from "./zone";

const DagZone = createContext<string | null>(null);

/** Times inside belong to a DAG with this zone. */
export function InDagZone({ zone, children }: { zone: string | null | undefined; children: ReactNode }) {
  return <DagZone value={zone && isZone(zone) ? zone : null}>{children}</DagZone>;
}

/** The zones that matter for a time. */
export interface Zones {
  /** The one it is shown in. */
  shown: string;
  /** The viewer's: what was chosen, else the browser's. */
  viewer: string;
  /** The DAG's, or the server's default where no DAG is meant. */
  dag: string;
}

const resolve = (choice: string): string => (choice === "browser" || choice === "" ? browserZone() : isZone(choice) ? choice : "UTC");

/** The zones here; `dag` names that of a DAG where the surroundings do not. */
export function useZones(dag?: string | null): Zones {
  const { zone } = useSettings();
  const config = useConfig();
  const around = useContext(DagZone);
  const own = (dag && isZone(dag) ? dag : null) ?? around ?? config.default_timezone;
  const dagZone = isZone(own) ? own : "UTC";
  const choice = zone || config.default_ui_timezone || "browser";
  const viewer = choice === "dag" ? browserZone() : resolve(choice);
  return { shown: choice === "dag" ? dagZone : viewer, viewer, dag: dagZone };
}
