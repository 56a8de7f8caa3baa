import type { Schemas } from "./schema";

/* Names for shapes of the server's document that many files use. */

export type RunState = Schemas["DagRunState"];
export type TaskState = Schemas["TaskInstanceState"];
export type RunType = Schemas["DagRunType"];

export type UiConfig = Schemas["UiConfigResponse"];

export type Home = Schemas["HomeResponse"];
export type HomeCount = keyof Schemas["HomeCounts"];
export type Component = Schemas["HomeComponent"];
export type ClusterMember = Schemas["ClusterMember"];
export type RecentFailure = Schemas["HomeFailure"];
export type NextRun = Schemas["HomeNextRun"];

export type DagRow = Schemas["DagRowResponse"];
export type LastRun = Schemas["RunBarResponse"];
export type DagList = Schemas["DagRowCollectionResponse"];

export type UnpausePreview = Schemas["UnpausePreviewResponse"];
export type MissedRun = NonNullable<UnpausePreview["first"]>;

/** A page of runs, newest last, with the states of their tasks. */
export type Grid = Schemas["GridResponse"];
export type GridRow = Schemas["GridRowResponse"];
export type GridRun = Schemas["GridRunResponse"];
export type GridCell = Schemas["GridCellResponse"];

export type PlannedRun = Schemas["ScheduledRunResponse"];
