import type { Part } from "../types";
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

/** English, which names every key. A new file of texts is added here and in `../ko`. */
export const en = { ...assets, ...common, ...dag, ...exchange, ...manage, ...task, ...why, shell, home, dags, act, alerts, backfill, cluster, importErrors, log, trigger } as const satisfies Part;
