import type { Translate } from "@/catalogue/translate";

/** The name of a kind of process; one that we do not know is shown as the server calls it. */
export function kindName(kind: string, t: Translate): string {
  switch (kind) {
    case "scheduler":
    case "worker":
    case "local_task_job":
    case "dag_processor":
    case "triggerer":
    case "api_server":
    case "standby_scheduler":
    case "failover_controller":
    case "standby_failover_controller":
      return t(`home.kind.${kind}`);
    default:
      return kind;
  }
}

/** When its last beat was, by this machine's clock: the server counted the age, so clocks need not agree. */
export function beatAt(component: { age_seconds: number | null }, readAt: number): Date | null {
  return component.age_seconds === null ? null : new Date(readAt - component.age_seconds * 1000);
}
