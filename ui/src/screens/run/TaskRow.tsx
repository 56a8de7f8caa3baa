import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useConfig, useMay } from "@/api/config";
import { dependenciesQuery, MAPPED_PAGE, mappedQuery } from "@/api/work";
import { useLocale, useT } from "@/catalogue/use";
import { IconButton } from "@/parts/Button";
import { Failed } from "@/parts/Failed";
import { Icon } from "@/parts/Icon";
import { TaskLink } from "@/parts/links";
import { Loading } from "@/parts/Loading";
import { Menu, MenuItem } from "@/parts/Menu";
import { StateBadge, StateIcon } from "@/parts/State";
import table from "@/parts/table.module.css";
import { Why } from "@/parts/why/Why";
import type { Row, Square } from "@/screens/dag/grid/model";
import { useNow } from "@/time/clock";
import { Duration } from "@/time/Duration";
import { Time } from "@/time/Time";
import styles from "./Run.module.css";
import { barOf, mayWait } from "./rows";
import type { RowAct } from "./Tasks";

interface Props {
  dagId: string;
  runId: string;
  row: Row;
  square: Square | null;
  /** The time the bars stand for. */
  from: number;
  to: number;
  onFold: () => void;
  onAct: (act: RowAct) => void;
}

const COLUMNS = 7;

export function TaskRow({ dagId, runId, row, square, from, to, onFold, onAct }: Props) {
  const t = useT();
  const [more, setMore] = useState<"why" | "instances" | null>(null);
  const mapped = row.kind === "task" && (square?.counts.length ?? 0) > 0;
  const state = square?.state ?? "none";
  const toggle = (what: "why" | "instances") => setMore((old) => (old === what ? null : what));
  return (
    <>
      <tr className={row.kind === "group" ? styles.group : undefined}>
        <td className={styles.name} style={{ paddingInlineStart: `calc(var(--space-4) + ${row.depth} * 1.25rem)` }}>
          <div>
            {row.kind === "group" ? (
              <button type="button" className={styles.fold} aria-expanded={!row.folded} onClick={onFold}>
                <span className={row.folded ? styles.folded : undefined}>
                  <Icon name="down" />
                </span>
                {row.label}
              </button>
            ) : mapped ? (
              <button
                type="button"
                className={styles.fold}
                aria-expanded={more === "instances"}
                onClick={() => toggle("instances")}
              >
                <span className={more === "instances" ? undefined : styles.folded}>
                  <Icon name="down" />
                </span>
                <span>{row.label}</span>
                <span className="soft small">{t("run.instances", { count: square?.total ?? 0 })}</span>
              </button>
            ) : (
              <TaskLink dagId={dagId} runId={runId} taskId={row.id} className={styles.task}>
                {row.label}
              </TaskLink>
            )}
            {row.operator && !mapped && <span className={styles.operator}>{row.operator}</span>}
          </div>
        </td>
        <td>
          <span className={styles.state}>
            {square && square.counts.length > 0 ? <Counts square={square} /> : <StateBadge state={state} />}
            {row.kind === "task" && !mapped && mayWait(state) && (
              <button type="button" className={styles.why} aria-expanded={more === "why"} onClick={() => toggle("why")}>
                {t("run.whyShort")}
              </button>
            )}
          </span>
        </td>
        <td className={table.number}>{square && square.tryNumber > 0 && square.counts.length === 0 ? square.tryNumber : ""}</td>
        <td className={styles.start}>{square?.start && <Time value={square.start} precision="second" show="absolute" />}</td>
        <td className={table.number}>
          <Duration start={square?.start} end={square?.end} />
        </td>
        <td className={styles.timeline}>{square && <Bar square={square} from={from} to={to} />}</td>
        <td className={table.acts}>
          <RowMenu row={row} onAct={onAct} />
        </td>
      </tr>
      {more === "why" && (
        <tr>
          <td colSpan={COLUMNS} className={styles.below}>
            <WhyTask dagId={dagId} runId={runId} taskId={row.id} />
          </td>
        </tr>
      )}
      {more === "instances" && (
        <tr>
          <td colSpan={COLUMNS} className={styles.below}>
            <Instances dagId={dagId} runId={runId} taskId={row.id} />
          </td>
        </tr>
      )}
    </>
  );
}

function Counts({ square }: { square: Square }) {
  const t = useT();
  const locale = useLocale();
  return (
    <span className={styles.counts}>
      {square.counts.map(([state, count]) => (
        <span key={state} title={t(`state.${state}`)}>
          <StateIcon state={state} labelled /> {new Intl.NumberFormat(locale).format(count)}
        </span>
      ))}
    </span>
  );
}

function Bar({ square, from, to }: { square: Square; from: number; to: number }) {
  const now = useNow(square.start && !square.end ? 1 : 3600);
  const bar = barOf(square, from, to, now);
  if (!bar) return null;
  return (
    <span className={styles.track} aria-hidden="true">
      <span className={`${styles.bar} ${styles[square.state] ?? ""}`} style={{ insetInlineStart: `${bar.left * 100}%`, width: `max(3px, ${bar.width * 100}%)` }} />
    </span>
  );
}

function RowMenu({ row, onAct }: { row: Row; onAct: (act: RowAct) => void }) {
  const t = useT();
  const may = useMay("USER");
  const { user } = useConfig();
  const why = may ? null : t("common.notAllowed", { role: user.role });
  if (why) return <IconButton icon="more" label={t("run.taskMore", { task: row.label })} why={why} />;
  return (
    <Menu trigger={<IconButton icon="more" label={t("run.taskMore", { task: row.label })} />} label={t("run.taskMore", { task: row.label })}>
      <MenuItem icon="refresh" onSelect={() => onAct({ act: "clear", row })}>
        {t("run.clear")}
      </MenuItem>
      <MenuItem icon="check" onSelect={() => onAct({ act: "success", row })}>
        {t("run.success")}
      </MenuItem>
      <MenuItem icon="close" onSelect={() => onAct({ act: "failed", row })}>
        {t("run.failed")}
      </MenuItem>
    </Menu>
  );
}

function WhyTask({ dagId, runId, taskId }: { dagId: string; runId: string; taskId: string }) {
  const t = useT();
  const why = useQuery(dependenciesQuery({ dag_id: dagId, run_id: runId, task_id: taskId, map_index: -1 }));
  if (why.error) return <Failed error={why.error} retry={() => void why.refetch()} />;
  if (!why.data) return <Loading lines={2} />;
  return why.data.length > 0 ? <Why entries={why.data} /> : <p className="soft">{t("run.whyNothing")}</p>;
}

function Instances({ dagId, runId, taskId }: { dagId: string; runId: string; taskId: string }) {
  const t = useT();
  const list = useQuery(mappedQuery({ dag_id: dagId, run_id: runId, task_id: taskId, map_index: -1 }, { state: "", offset: 0 }));
  if (list.error) return <Failed error={list.error} retry={() => void list.refetch()} />;
  if (!list.data) return <Loading lines={3} />;
  const { task_instances: found, total_entries: total } = list.data;
  return (
    <>
      <ul className={styles.instances}>
        {found.map((one) => (
          <li key={one.map_index}>
            <StateIcon state={one.state} labelled />
            <TaskLink dagId={dagId} runId={runId} taskId={taskId} mapIndex={one.map_index}>
              {one.rendered_map_index ?? `[${one.map_index}]`}
            </TaskLink>
            <span className="soft small">
              <Duration start={one.start_date} end={one.end_date} />
            </span>
          </li>
        ))}
      </ul>
      {total > MAPPED_PAGE && <p className="soft small">{t("common.of", { shown: found.length, total })}</p>}
    </>
  );
}
