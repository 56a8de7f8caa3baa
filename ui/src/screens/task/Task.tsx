import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { useConfig, useMay } from "@/api/config";
import { dagDetailsQuery, type TaskInstance, type TaskRef, taskQuery, triesQuery } from "@/api/work";
import { useT } from "@/catalogue/use";
import { ClearDialog } from "@/dialogs/ClearDialog";
import { MarkDialog } from "@/dialogs/MarkDialog";
import { NoteDialog } from "@/dialogs/NoteDialog";
import type { Mark } from "@/dialogs/targets";
import { useShortcuts } from "@/keys/use";
import { Button } from "@/parts/Button";
import { Failed } from "@/parts/Failed";
import { Loading } from "@/parts/Loading";
import { Menu, MenuItem } from "@/parts/Menu";
import { Page } from "@/parts/Page";
import { StateBadge } from "@/parts/State";
import { DagLink, RunLink } from "@/parts/links";
import { InDagZone } from "@/time/viewer";
import { Answer } from "./Answer";
import { Facts } from "./Facts";
import { History } from "./History";
import { Log } from "./log/Log";
import { Mapped } from "./Mapped";
import { Rendered } from "./Rendered";
import { type Tab, TabBar } from "./TabBar";
import styles from "./Task.module.css";
import { hasLog, latestOf, triesOf } from "./tries";
import { Tries } from "./Tries";
import { Waiting } from "./Waiting";
import { XComs } from "./XComs";

const route = getRouteApi("/app/dags/$dagId/runs/$runId/tasks/$taskId");

export function Task() {
  const { dagId, runId, taskId } = route.useParams();
  const { map_index = -1 } = route.useSearch();
  const ref: TaskRef = { dag_id: dagId, run_id: runId, task_id: taskId, map_index };
  const dag = useQuery(dagDetailsQuery(dagId));
  const task = useQuery(taskQuery(ref));
  return (
    <InDagZone zone={dag.data?.timezone}>
      {task.data ? (
        <OneTask key={`${dagId} ${runId} ${taskId} ${map_index}`} taskRef={ref} task={task.data} />
      ) : (
        <Page title={<span translate="no">{taskId}</span>} name={taskId} above={<Above taskRef={ref} />}>
          {task.isPending && <Loading />}
          {task.error && <Failed error={task.error} retry={() => void task.refetch()} />}
          {task.data === null && <Mapped taskRef={ref} />}
        </Page>
      )}
    </InDagZone>
  );
}

function Above({ taskRef }: { taskRef: TaskRef }) {
  const t = useT();
  return (
    <nav aria-label={t("task.where")} className="row" translate="no">
      <DagLink dagId={taskRef.dag_id}>{taskRef.dag_id}</DagLink>
      <span aria-hidden="true">/</span>
      <RunLink dagId={taskRef.dag_id} runId={taskRef.run_id}>
        {taskRef.run_id}
      </RunLink>
      {taskRef.map_index >= 0 && (
        <>
          <span aria-hidden="true">/</span>
          <Link to="/dags/$dagId/runs/$runId/tasks/$taskId" params={{ dagId: taskRef.dag_id, runId: taskRef.run_id, taskId: taskRef.task_id }} search={{}}>
            {taskRef.task_id}
          </Link>
        </>
      )}
    </nav>
  );
}

/** States in which something may still hold a task back. */
const WAITS = [null, "scheduled", "queued", "up_for_retry", "up_for_reschedule", "deferred"];

function OneTask({ taskRef, task }: { taskRef: TaskRef; task: TaskInstance }) {
  const t = useT();
  const navigate = route.useNavigate();
  const search = route.useSearch();
  const found = useQuery(triesQuery(taskRef));
  const tries = triesOf(found.data ?? [], task);
  const latest = latestOf(tries, task);
  const shown = search.try ?? latest;
  const shownTry = tries.find((one) => one.try_number === shown);
  const waits = WAITS.includes(task.state);
  const tab: Tab = search.tab ?? "log";
  const name = task.map_index >= 0 ? `${task.task_display_name} [${task.rendered_map_index ?? task.map_index}]` : task.task_display_name;
  return (
    <Page
      title={
        <span className={styles.title}>
          <span translate="no">{name}</span> <StateBadge state={task.state} />
        </span>
      }
      name={name}
      above={<Above taskRef={taskRef} />}
      actions={<Acts taskRef={taskRef} task={task} />}
    >
      {task.note && <p className={styles.note} translate="no">{task.note}</p>}
      {waits && <Waiting taskRef={taskRef} />}
      {task.state === "awaiting_input" && <Answer taskRef={taskRef} />}
      <Facts taskRef={taskRef} task={task} shown={shownTry ?? task} />
      <div className={styles.parts}>
        <TabBar current={tab} mapped={task.map_index >= 0} />
        {tries.length > 1 && (tab === "log" || search.try !== undefined) && <Tries tries={tries} shown={shown} />}
      </div>
      {tab === "log" &&
        (hasLog(shownTry ?? task) ? (
          <Log
            key={shown}
            task={taskRef}
            tryNumber={shown}
            failed={(shownTry?.state ?? task.state) === "failed" || (shownTry?.state ?? task.state) === "up_for_retry"}
            line={search.line}
            onLine={(line) => void navigate({ search: { ...search, line, try: shown }, replace: true, resetScroll: false })}
          />
        ) : (
          <p className="soft">{t("task.notStarted")}</p>
        ))}
      {tab === "rendered" && <Rendered task={task} />}
      {tab === "xcom" && <XComs taskRef={taskRef} />}
      {tab === "history" && <History taskRef={taskRef} />}
      {tab === "mapped" && <Mapped taskRef={taskRef} />}
    </Page>
  );
}

function Acts({ taskRef, task }: { taskRef: TaskRef; task: TaskInstance }) {
  const t = useT();
  const may = useMay("USER");
  const { role } = useConfig().user;
  const why = may ? null : t("common.notAllowed", { role });
  const [open, setOpen] = useState<"clear" | "note" | Mark | null>(null);
  const show = (what: "clear" | "note" | Mark) => may && setOpen(what);
  useShortcuts([
    { keys: "shift+c", label: "act.keyClear", run: () => show("clear"), local: true },
    { keys: "shift+s", label: "act.keyMarkSuccess", run: () => show("success"), local: true },
    { keys: "shift+f", label: "act.keyMarkFailed", run: () => show("failed"), local: true },
  ]);
  const target = {
    kind: "tasks",
    dagId: taskRef.dag_id,
    runId: taskRef.run_id,
    tasks: [{ taskId: taskRef.task_id, mapIndex: taskRef.map_index }],
  } as const;
  const close = () => setOpen(null);
  return (
    <>
      <Button icon="edit" why={why} onClick={() => show("note")}>
        {t(task.note ? "act.editNote" : "act.addNote")}
      </Button>
      {may ? (
        <Menu label={t("act.mark")} trigger={<Button icon="down">{t("act.mark")}</Button>}>
          <MenuItem icon="check" onSelect={() => show("success")}>
            {t("act.markSuccess")}
          </MenuItem>
          <MenuItem icon="close" onSelect={() => show("failed")}>
            {t("act.markFailed")}
          </MenuItem>
        </Menu>
      ) : (
        <Button icon="down" why={why}>
          {t("act.mark")}
        </Button>
      )}
      <Button kind="main" icon="refresh" why={why} onClick={() => show("clear")}>
        {t("act.clear")}
      </Button>
      {open === "clear" && <ClearDialog target={target} onClose={close} />}
      {(open === "success" || open === "failed" || open === "skipped") && <MarkDialog target={target} state={open} onClose={close} />}
      {open === "note" && (
        <NoteDialog dagId={taskRef.dag_id} runId={taskRef.run_id} task={{ taskId: taskRef.task_id, mapIndex: taskRef.map_index }} note={task.note} onClose={close} />
      )}
    </>
  );
}
