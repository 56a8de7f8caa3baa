import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { at } from "@/api/base";
import { linksQuery, type TaskInstance, type TaskRef, type TaskTry } from "@/api/work";
import { useT } from "@/catalogue/use";
import { Duration } from "@/time/Duration";
import { Time } from "@/time/Time";
import { SpentBar } from "./SpentBar";
import styles from "./Task.module.css";

/** What is known of a try: when, where, and under what limits. */
export function Facts({ taskRef, task, shown }: { taskRef: TaskRef; task: TaskInstance; shown: TaskTry }) {
  const t = useT();
  const links = Object.entries(useQuery(linksQuery(taskRef)).data ?? {});
  const tried = shown.try_number > 0;
  // The process has ended, but not the try.
  const pauses = shown.try_number === task.try_number && ["deferred", "awaiting_input", "up_for_reschedule"].includes(task.state ?? "");
  // In a narrow window the log is what one came for.
  const [open] = useState(() => matchMedia("(width >= 48rem)").matches);
  return (
    <details className={styles.facts} open={open}>
      <summary>{t("task.facts")}</summary>
      <dl className={styles.list}>
        <Fact name={t("task.tryOf")}>{tried ? t("task.tryCount", { n: shown.try_number, of: Math.max(task.max_tries + 1, shown.try_number) }) : "0"}</Fact>
        <Fact name={t("task.scheduled")} if={shown.scheduled_when}>
          <Time value={shown.scheduled_when} precision="second" show="absolute" />
        </Fact>
        <Fact name={t("task.queued")} if={shown.queued_when}>
          <Time value={shown.queued_when} precision="second" show="absolute" />
        </Fact>
        <Fact name={t("task.started")} if={shown.start_date}>
          <Time value={shown.start_date} precision="second" show="absolute" />
        </Fact>
        <Fact name={t("task.ended")} if={shown.end_date && !pauses}>
          <Time value={shown.end_date} precision="second" show="absolute" />
        </Fact>
        <Fact name={t("task.duration")} if={shown.start_date && tried && !pauses}>
          <Duration start={shown.start_date} end={shown.end_date} />
        </Fact>
        <Fact name={t("task.operator")}>{task.operator_name}</Fact>
        <Fact name={t("task.host")} if={shown.hostname}>
          <span className="mono">{shown.hostname}</span>
        </Fact>
        <Fact name={t("task.pid")} if={shown.pid}>
          {String(shown.pid)}
        </Fact>
        <Fact name={t("task.pool")}>
          <Link to="/pools" search={{ pool: task.pool }}>
            {task.pool}
          </Link>{" "}
          <span className="soft">({t("pools.takes", { count: task.pool_slots })})</span>
        </Fact>
        <Fact name={t("task.queue")} if={task.queue}>
          {task.queue}
        </Fact>
        <Fact name={t("task.priority")}>{String(task.priority_weight)}</Fact>
        <Fact name={t("task.version")} if={shown.dag_version}>
          {String(shown.dag_version?.version_number)}
        </Fact>
        <Fact name={t("task.links")} if={links.length > 0}>
          <ul className={styles.operatorLinks}>
            {links.map(([name, address]) => (
              <li key={name}>{address && isAddress(address) ? <a href={address.startsWith("/") ? at(address) : address}>{name}</a> : <span className="soft">{name}</span>}</li>
            ))}
          </ul>
        </Fact>
      </dl>
      <SpentBar shown={shown} />
    </details>
  );
}

/** What a task wrote may be anything: only what leads to a page becomes a link. */
const isAddress = (text: string) => /^(https?:\/\/|\/(?!\/))/.test(text);

function Fact({ name, children, if: there = true }: { name: string; children: ReactNode; if?: unknown }) {
  if (!there) return null;
  return (
    <div className={styles.fact}>
      <dt>{name}</dt>
      <dd translate="no">{children}</dd>
    </div>
  );
}
