import { useT } from "@/catalogue/use";
import type { Target } from "./targets";

/** How a target is called in a title. */
export function useTargetName(target: Target): string {
  const t = useT();
  switch (target.kind) {
    case "run":
      return target.runId;
    case "group":
      return target.groupId;
    case "tasks": {
      const [first] = target.tasks;
      if (!first || target.tasks.length > 1) return t("act.tasks", { count: target.tasks.length });
      return first.mapIndex === undefined || first.mapIndex < 0 ? first.taskId : `${first.taskId} [${first.mapIndex}]`;
    }
  }
}
