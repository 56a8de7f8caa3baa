import type { Catalogue } from "../types";
import { act } from "./act";
import { common } from "./common";
import { dag } from "./dag";
import { dags } from "./dags";
import { home } from "./home";
import { shell } from "./shell";

/** Korean; a missing or unknown key fails the type check. */
export const ko: Catalogue = { ...common, ...dag, shell, home, dags, act };
