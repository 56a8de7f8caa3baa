import type { Catalogue } from "../types";
import { act } from "./act";
import { alerts } from "./alerts";
import { assets } from "./assets";
import { backfill } from "./backfill";
import { cluster } from "./cluster";
import { common } from "./common";
import { dag } from "./dag";
import { dags } from "./dags";
import { exchange } from "./exchange";
import { home } from "./home";
import { importErrors } from "./importErrors";
import { log } from "./log";
import { manage } from "./manage";
import { shell } from "./shell";
import { task } from "./task";
import { trigger } from "./trigger";
import { why } from "./why";

/** Korean; a missing or unknown key fails the type check. */
export const ko: Catalogue = { ...assets, ...common, ...dag, ...exchange, ...manage, ...task, ...why, shell, home, dags, act, alerts, backfill, cluster, importErrors, log, trigger };
