import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { memo, useCallback, useEffect, useMemo, useRef } from "react";
import { gridQuery, sourceQuery, versionsQuery } from "@/api/dag";
import { dagDetailsQuery } from "@/api/work";
import { useLocale, useT } from "@/catalogue/use";
import { Button } from "@/parts/Button";
import { Empty } from "@/parts/Empty";
import { Failed } from "@/parts/Failed";
import { SelectField } from "@/parts/fields";
import { Loading } from "@/parts/Loading";
import { notify } from "@/parts/notices";
import table from "@/parts/table.module.css";
import { Time } from "@/time/Time";
import { useZones } from "@/time/viewer";
import { duration } from "@/time/words";
import { shown } from "@/time/zone";
import styles from "./Code.module.css";
import { lineOfTask, type Token, tokenize } from "./python";

const route = getRouteApi("/app/dags/$dagId/code");

/** The file of a DAG as it is, and as it was in older versions. */
export function CodeTab() {
  const t = useT();
  const locale = useLocale();
  const zones = useZones();
  const { dagId } = route.useParams();
  const { version, line, task } = route.useSearch();
  const navigate = route.useNavigate();
  const dag = useQuery(dagDetailsQuery(dagId)).data;
  const versions = useQuery(versionsQuery(dagId)).data?.dag_versions ?? [];
  const source = useQuery(sourceQuery(dagId, version));
  // Only its tasks are of interest.
  const tasks = useQuery({ ...gridQuery(dagId, {}, undefined, 1), select: (grid) => grid.tasks.filter((row) => row.kind === "task" && !row.removed) }).data;
  const text = source.data?.content ?? "";
  const lines = useMemo(() => text.split("\n"), [text]);
  const places = useMemo(
    () => (tasks ?? []).map((row) => ({ id: row.id, line: lineOfTask(lines, row.id) })).filter((place) => place.line !== null),
    [tasks, lines],
  );
  const marked = line ?? (task ? (lineOfTask(lines, task) ?? undefined) : undefined);
  const open = (change: { version?: number | undefined; line?: number | undefined; task?: string | undefined }) =>
    void navigate({ search: (old) => ({ ...old, ...change }), replace: true, resetScroll: false });
  const onLine = useCallback(
    (line: number) => void navigate({ search: (old) => ({ ...old, line, task: undefined }), replace: true, resetScroll: false }),
    [navigate],
  );

  return (
    <>
      <div className={table.tools}>
        <SelectField
          label={t("code.version")}
          value={String(version ?? versions[0]?.version_number ?? "")}
          options={versions.map((one, index) => ({
            value: String(one.version_number),
            label: t(index === 0 ? "code.newest" : "code.versionOf", {
              number: String(one.version_number),
              when: shown(new Date(one.created_at), zones.shown),
            }),
          }))}
          onChange={(event) => {
            const picked = Number(event.target.value);
            open({ version: picked === versions[0]?.version_number ? undefined : picked, line: undefined });
          }}
        />
        {places.length > 0 && (
          <SelectField
            label={t("code.task")}
            value={task ?? ""}
            options={[{ value: "", label: t("code.choose") }, ...places.map(({ id }) => ({ value: id, label: id }))]}
            onChange={(event) => open({ task: event.target.value || undefined, line: undefined })}
          />
        )}
        <Button
          icon="copy"
          disabled={text === ""}
          onClick={() => void navigator.clipboard.writeText(text).then(() => notify({ kind: "done", text: t("common.copied") }))}
        >
          {t("code.copy")}
        </Button>
      </div>
      {dag && (
        <p className={styles.facts}>
          <span>
            {t("code.file")} <code>{dag.fileloc}</code>
          </span>
          {dag.last_parsed_time && (
            <span>
              {t("code.parsed")} <Time value={dag.last_parsed_time} precision="second" />
            </span>
          )}
          {dag.last_parse_duration !== null && <span>{t("code.parseTime", { duration: duration(dag.last_parse_duration, locale) })}</span>}
        </p>
      )}
      {source.isPending && <Loading lines={12} />}
      {source.error && <Failed error={source.error} retry={() => void source.refetch()} />}
      {source.data && text === "" && <Empty icon="code" title={t("code.empty")} />}
      {text !== "" && (
        <Source
          text={text}
          label={t("code.source", { dag: dagId })}
          marked={marked}
          onLine={onLine}
        />
      )}
    </>
  );
}

/** Source with numbers, each of which can be linked to. */
function Source({ text, label, marked, onLine }: { text: string; label: string; marked: number | undefined; onLine: (line: number) => void }) {
  const lines = useMemo(() => tokenize(text), [text]);
  const code = useRef<HTMLOListElement>(null);
  useEffect(() => {
    if (marked === undefined) return;
    const line = code.current?.children[marked - 1];
    const box = code.current?.parentElement;
    // Only the source moves, not the page.
    if (line instanceof HTMLElement && box) box.scrollTo({ top: line.offsetTop - box.clientHeight / 3 });
  }, [marked, text]);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- long lines are scrolled by the keyboard
    <section className={styles.source} aria-label={label} tabIndex={0}>
      <ol ref={code} className={styles.lines}>
        {lines.map((tokens, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- a line is its number
          <Line key={index} number={index + 1} tokens={tokens} marked={marked === index + 1} onLine={onLine} />
        ))}
      </ol>
    </section>
  );
}

const Line = memo(function Line({ number, tokens, marked, onLine }: { number: number; tokens: readonly Token[]; marked: boolean; onLine: (line: number) => void }) {
  const t = useT();
  return (
    <li className={marked ? styles.marked : undefined}>
      <button type="button" className={styles.index} aria-label={t("code.line", { number })} aria-current={marked || undefined} onClick={() => onLine(number)} tabIndex={-1}>
        {number}
      </button>
      <code>
        {tokens.map((token, index) =>
          token.kind === "plain" ? (
            token.text
          ) : (
            // oxlint-disable-next-line react/no-array-index-key -- pieces of one text
            <span key={index} className={styles[token.kind]}>
              {token.text}
            </span>
          ),
        )}
        {"\n"}
      </code>
    </li>
  );
});
