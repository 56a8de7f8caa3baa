import type { Schemas } from "./schema";

/*
 * Names for shapes of the server's document that many files use. What the document does not describe is added to `Answers`, by
 * `get /path`, until it does.
 */

export type RunState = Schemas["DagRunState"];
export type TaskState = Schemas["TaskInstanceState"];
export type RunType = Schemas["DagRunType"];

export type UiConfig = Schemas["UiConfigResponse"];

export type Home = Schemas["HomeResponse"];
export type HomeCount = keyof Schemas["HomeCounts"];
export type Component = Schemas["HomeComponent"];
export type RecentFailure = Schemas["HomeFailure"];
export type NextRun = Schemas["HomeNextRun"];

export type DagRow = Schemas["DagRowResponse"];
export type LastRun = Schemas["RunBarResponse"];
export type DagList = Schemas["DagRowCollectionResponse"];

export type UnpausePreview = Schemas["UnpausePreviewResponse"];
export type MissedRun = NonNullable<UnpausePreview["first"]>;

// Other files add to it (`declare module "@/api/types"`).
// oxlint-disable-next-line typescript/no-empty-interface, typescript/no-empty-object-type -- empty but for them
export interface Answers {}
