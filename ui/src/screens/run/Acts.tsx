import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { api } from "@/api/client";
import { useConfig, useMay } from "@/api/config";
import type { DagRun } from "@/api/work";
import { useT } from "@/catalogue/use";
import { useShortcuts } from "@/keys/use";
import { Button } from "@/parts/Button";
import { DeleteDialog } from "@/parts/DeleteDialog";
import { Menu, MenuItem, MenuLine } from "@/parts/Menu";
import { notify } from "@/parts/notices";

const ClearDialog = lazy(() => import("@/dialogs/ClearDialog").then((module) => ({ default: module.ClearDialog })));
const MarkDialog = lazy(() => import("@/dialogs/MarkDialog").then((module) => ({ default: module.MarkDialog })));

type Open = "clear" | "success" | "failed" | "delete" | null;

/** What can be done with a whole run. */
export function Acts({ run }: { run: DagRun }) {
  const t = useT();
  const may = useMay("USER");
  const { user } = useConfig();
  const [open, setOpen] = useState<Open>(null);
  const why = may ? null : t("common.notAllowed", { role: user.role });
  const act = (what: Open) => () => may && setOpen(what);
  useShortcuts([
    { keys: "shift+c", label: "run.keyClear", run: act("clear"), local: true },
    { keys: "shift+s", label: "run.keyMarkSuccess", run: act("success"), local: true },
    { keys: "shift+f", label: "run.keyMarkFailed", run: act("failed"), local: true },
  ]);
  const target = { kind: "run", dagId: run.dag_id, runId: run.dag_run_id } as const;
  const close = () => setOpen(null);
  return (
    <>
      <Button icon="refresh" why={why} onClick={act("clear")}>
        {t("run.clear")}
      </Button>
      <Menu
        trigger={
          <Button icon="down" why={why}>
            {t("run.mark")}
          </Button>
        }
        label={t("run.more")}
      >
        <MenuItem icon="check" onSelect={act("success")}>
          {t("run.success")}
        </MenuItem>
        <MenuItem icon="close" onSelect={act("failed")}>
          {t("run.failed")}
        </MenuItem>
        <MenuLine />
        <MenuItem icon="trash" danger onSelect={act("delete")}>
          {t("run.delete")}
        </MenuItem>
      </Menu>
      <Suspense>
        {open === "clear" && <ClearDialog target={target} onClose={close} />}
        {(open === "success" || open === "failed") && <MarkDialog target={target} state={open} onClose={close} />}
      </Suspense>
      {open === "delete" && <DeleteRun run={run} onClose={close} />}
    </>
  );
}

function DeleteRun({ run, onClose }: { run: DagRun; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { dag_id, dag_run_id } = run;
  const remove = useMutation({
    mutationFn: () => api.delete("/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}", { path: { dag_id, dag_run_id } }),
    onSuccess: async () => {
      notify({ kind: "done", text: t("run.deleted", { run: dag_run_id }) });
      await navigate({ to: "/dags/$dagId/runs", params: { dagId: dag_id } });
      client.removeQueries({ queryKey: ["dag", dag_id, "run", dag_run_id] });
      client.removeQueries({ queryKey: ["grid", dag_id] });
      void client.invalidateQueries({ queryKey: ["dag", dag_id] });
    },
  });
  return (
    <DeleteDialog
      title={t("run.deleteTitle", { run: dag_run_id })}
      hint={t(run.state === "running" ? "run.deleteRunning" : "run.deleteHint")}
      busy={remove.isPending}
      onDelete={() => remove.mutate(undefined, { onError: onClose })}
      onClose={onClose}
    />
  );
}
