import type { Part } from "../types";
import { act } from "./act";
import { common } from "./common";
import { dag } from "./dag";
import { dags } from "./dags";
import { home } from "./home";
import { shell } from "./shell";

/** English, which names every key. A new file of texts is added here and in `../ko`. */
export const en = { ...common, ...dag, shell, home, dags, act } as const satisfies Part;
