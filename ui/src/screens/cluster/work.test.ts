import { expect, test } from "vitest";
import type { ClusterMember } from "@/api/types";
import type { Translate } from "@/catalogue/translate";
import { workOf } from "./work";

const t = ((key: string, values?: object) => `${key} ${JSON.stringify(values ?? {})}`) as unknown as Translate;
const member = (about: Partial<ClusterMember>) =>
  ({ runs: null, waiting: null, running: null, concurrency: null, files: null, dags: null, address: null, ...about }) as ClusterMember;

test("each kind of process says what it has to do", () => {
  expect(workOf(member({ kind: "scheduler", runs: 3, waiting: 2 }), t)).toBe('cluster.schedules {"runs":3,"waiting":2}');
  expect(workOf(member({ kind: "worker", running: 0, concurrency: 32 }), t)).toBe('cluster.works {"running":0,"slots":32}');
  expect(workOf(member({ kind: "dag_processor", files: 9 }), t)).toBe('cluster.parses {"files":9,"dags":0}');
  expect(workOf(member({ kind: "api_server", address: "http://a:1" }), t)).toBe("http://a:1");
  expect(workOf(member({ kind: "scheduler" }), t)).toBe("");
});
