import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useConfig, useMay } from "@/api/config";
import { useT } from "@/catalogue/use";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { TextArea } from "@/parts/fields";
import { notify } from "@/parts/notices";
import { Changes } from "./Changes";
import { Options, ReachOptions } from "./Options";
import { type ClearOptions, clear, nothing, type Target } from "./targets";
import { useTargetName } from "./name";

/**
 * Clears a run, some of its tasks or a task group, so that they run again. Shows the exact list of task instances first.
 * Render it while it is open: `{open && <ClearDialog target={{ kind: "tasks", dagId, runId, tasks: [{ taskId, mapIndex }] }} onClose={...} />}`.
 */
export function ClearDialog({ target, onClose, onDone }: { target: Target; onClose: () => void; onDone?: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const name = useTargetName(target);
  const may = useMay("USER");
  const { role } = useConfig().user;
  const [options, setOptions] = useState<ClearOptions>({
    ...nothing,
    downstream: target.kind !== "run",
    onlyFailed: false,
    onlyNew: false,
    latestVersion: false,
    note: "",
  });
  const change = (some: Partial<ClearOptions>) => setOptions((all) => ({ ...all, ...some }));
  // The note changes nothing of what is listed.
  const { note: _, ...asked } = options;
  const preview = useQuery({
    queryKey: ["dag", target.dagId, "run", target.runId, "clearPreview", target, asked],
    queryFn: ({ signal }) => clear(target, options, true, signal),
    placeholderData: keepPreviousData,
    staleTime: 0,
    gcTime: 0,
  });
  const act = useMutation({
    mutationFn: () => clear(target, options, false),
    onSuccess: () => {
      notify({ kind: "done", text: t("act.cleared", { count: preview.data?.total_entries ?? 0 }) });
      void client.invalidateQueries({ queryKey: ["dag", target.dagId] });
      onDone?.();
      onClose();
    },
  });
  const empty = preview.data?.total_entries === 0 && target.kind !== "run";
  return (
    <Dialog
      title={t("act.clearTitle", { name })}
      wide
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button
            kind="main"
            busy={act.isPending}
            disabled={!preview.data || preview.isPlaceholderData || empty}
            why={may ? null : t("common.notAllowed", { role })}
            onClick={() => act.mutate()}
          >
            {t("act.clearNow", { count: preview.data?.total_entries ?? 0 })}
          </Button>
        </>
      }
    >
      <div className="stack">
        <p className="soft">{t(target.kind === "run" ? "act.clearRunHint" : "act.clearHint")}</p>
        {target.kind !== "run" && <ReachOptions value={options} onChange={change} />}
        <Options
          legend={t("act.how")}
          options={[
            { label: t("act.onlyFailed"), checked: options.onlyFailed, set: (onlyFailed) => change({ onlyFailed, onlyNew: false }) },
            ...(target.kind === "run"
              ? [{ label: t("act.onlyNew"), checked: options.onlyNew, set: (onlyNew: boolean) => change({ onlyNew, onlyFailed: false }) }]
              : []),
            {
              label: t("act.latestVersion"),
              hint: t("act.latestVersionHint"),
              checked: options.latestVersion,
              set: (latestVersion) => change({ latestVersion }),
            },
          ]}
        />
        <Changes
          list={preview.data}
          updating={preview.isPlaceholderData}
          error={preview.error}
          retry={() => void preview.refetch()}
          becomes={() => null}
        />
        <TextArea label={t("act.note")} hint={t("act.noteHint")} rows={2} maxLength={1000} value={options.note} onChange={(event) => change({ note: event.target.value })} />
      </div>
    </Dialog>
  );
}
