import type { ClusterMember } from "@/api/types";
import type { Translate } from "@/catalogue/translate";

/** What a process has to do, in words; empty for one that does not say. */
export function workOf(member: ClusterMember, t: Translate): string {
  switch (member.kind) {
    case "scheduler":
      return member.runs === null ? "" : t("cluster.schedules", { runs: member.runs, waiting: member.waiting ?? 0 });
    case "worker":
      return member.concurrency === null ? "" : t("cluster.works", { running: member.running ?? 0, slots: member.concurrency });
    case "dag_processor":
      return member.files === null ? "" : t("cluster.parses", { files: member.files, dags: member.dags ?? 0 });
    default:
      return member.address ?? "";
  }
}
