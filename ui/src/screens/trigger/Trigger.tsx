import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { at } from "@/api/base";
import { api } from "@/api/client";
import { useConfig, useMay } from "@/api/config";
import { ApiError } from "@/api/error";
import { unpausePreviewQuery } from "@/api/queries";
import { type DagDetails, dagDetailsQuery, runQuery } from "@/api/work";
import { useT } from "@/catalogue/use";
import { Button } from "@/parts/Button";
import { CopyButton } from "@/parts/CopyButton";
import { Failed } from "@/parts/Failed";
import { Choices, TextArea, TextField } from "@/parts/fields";
import { DagLink, runAddress } from "@/parts/links";
import { Loading } from "@/parts/Loading";
import { notify } from "@/parts/notices";
import { Card, Page } from "@/parts/Page";
import { fromInput, toInput } from "@/time/input";
import { InDagZone, useZones } from "@/time/viewer";
import { asCommand, type Asked, asCurl, change, changeJson, confOf, fill, type Form, problems, refusedParam } from "./form";
import { ParamField, problemWords } from "./ParamField";
import { fieldsOf, sections } from "./params";
import styles from "./Trigger.module.css";

const route = getRouteApi("/app/dags/$dagId/trigger");

export function Trigger() {
  const t = useT();
  const { dagId } = route.useParams();
  const { run } = route.useSearch();
  const dag = useQuery(dagDetailsQuery(dagId));
  const copied = useQuery({ ...runQuery(dagId, run ?? ""), enabled: run !== undefined });
  const ready = dag.data && (run === undefined || copied.data);
  return (
    <InDagZone zone={dag.data?.timezone}>
      <Page title={t("trigger.title", { dag: dag.data?.dag_display_name ?? dagId })} above={<span translate="no"><DagLink dagId={dagId}>{dagId}</DagLink></span>}>
        {dag.error && <Failed error={dag.error} retry={() => void dag.refetch()} />}
        {copied.error && <Failed error={copied.error} retry={() => void copied.refetch()} />}
        {!ready && !dag.error && !copied.error && <Loading />}
        {ready && <TriggerForm key={`${dagId} ${run}`} dag={dag.data} conf={(copied.data?.conf ?? {}) as Record<string, unknown>} from={run} />}
      </Page>
    </InDagZone>
  );
}

type When = "now" | "at" | "none";
type Unpause = "stay" | "unpause" | "fromNow";

function TriggerForm({ dag, conf, from }: { dag: DagDetails; conf: Record<string, unknown>; from: string | undefined }) {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate();
  const zone = useZones(dag.timezone).shown;
  const { base_url, user } = useConfig();
  const may = useMay("USER");
  // The DAG as it was when the form was opened: a new version in between does not take away what was typed.
  const [fields] = useState(() => fieldsOf(dag.params));
  const [form, setForm] = useState<Form>(() => fill(fields, conf, zone));
  const [runId, setRunId] = useState("");
  const [when, setWhen] = useState<When>("now");
  const [time, setTime] = useState(() => toInput(new Date(Math.floor(Date.now() / 60_000) * 60_000).toISOString(), zone));
  const [note, setNote] = useState("");
  const [tried, setTried] = useState(false);
  const preview = useQuery({ ...unpausePreviewQuery(dag.dag_id), enabled: dag.is_paused });
  const missed = preview.data?.count ?? 0;
  const [chosen, setChosen] = useState<Unpause | null>(null);
  const unpause: Unpause = chosen ?? (missed > 0 || preview.isPending ? "stay" : "unpause");
  const wrong = useMemo(() => problems(form, fields, zone), [form, fields, zone]);
  const typed = fromInput(time, zone);
  const timeProblem = when === "at" && typed === null ? t("trigger.problem.notDate") : null;
  const body = (): Asked => ({
    ...(runId.trim() === "" ? {} : { dag_run_id: runId.trim() }),
    logical_date: when === "none" ? null : when === "at" ? typed : new Date().toISOString(),
    conf: confOf(form, fields, zone),
    ...(note.trim() === "" ? {} : { note: note.trim() }),
  });
  const start = useMutation({
    mutationFn: async () => {
      const run = await api.post("/api/v2/dags/{dag_id}/dagRuns", { path: { dag_id: dag.dag_id }, body: body() });
      if (dag.is_paused && unpause !== "stay") {
        await api.patch("/api/v2/dags/{dag_id}", {
          path: { dag_id: dag.dag_id },
          query: { update_mask: "is_paused", ...(unpause === "fromNow" ? { from_now: true } : {}) } as Record<string, string | boolean>,
          body: { is_paused: false },
        });
      }
      return run;
    },
    meta: { quiet: true },
    onSuccess: (run) => {
      notify({ kind: "done", text: t("trigger.started", { run: run.dag_run_id }) });
      void client.invalidateQueries({ queryKey: ["dag", dag.dag_id] });
      void client.invalidateQueries({ queryKey: ["dags"] });
      void navigate(runAddress(dag.dag_id, run.dag_run_id));
    },
  });
  const failure = start.error instanceof ApiError ? start.error : null;
  const refused = failure ? refusedParam(failure.detail) : null;
  const runIdError = failure?.fields.dag_run_id ?? (failure && /run_id|dag_run/.test(failure.detail) && !refused ? failure.detail : null);
  const elsewhere = start.error && !refused && !runIdError && !failure?.fields.logical_date && !failure?.fields.note;
  const errorOf = (name: string): string | null => {
    if (refused?.name === name) return refused.words;
    const problem = wrong[name];
    return problem && (tried || problem.kind !== "required") ? problemWords(problem, t) : null;
  };
  const submit = () => {
    setTried(true);
    if (form.jsonProblem !== null || timeProblem || Object.keys(wrong).length > 0) return;
    start.mutate();
  };
  const why = !may ? t("common.notAllowed", { role: user.role }) : dag.has_import_errors ? t("trigger.hasErrors") : null;
  const origin = new URL(base_url ? at("") : "/", location.origin).href;
  return (
    <form
      className={styles.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <div className="stack">
        {from && <p className="soft">{t("trigger.copied", { run: from })}</p>}
        {fields.length === 0 && <p className="soft">{t("trigger.noParams")}</p>}
        {sections(fields).map((section) => (
          <Card key={section.name ?? ""} title={section.name === null ? t("trigger.params") : <span translate="no">{section.name}</span>}>
            <div className={styles.fields}>
              {section.fields.map((field) => (
                <ParamField
                  key={field.name}
                  field={field}
                  draft={form.drafts[field.name] ?? ""}
                  error={errorOf(field.name)}
                  zoneName={zone}
                  onChange={(draft) => setForm((before) => change(before, fields, field.name, draft, zone))}
                />
              ))}
            </div>
          </Card>
        ))}
        <Card title={t("trigger.run")}>
          <div className={styles.fields}>
            <Choices
              label={t("trigger.logicalDate")}
              value={when}
              options={[
                { value: "now", label: t("trigger.now") },
                { value: "at", label: t("trigger.at") },
                { value: "none", label: t("trigger.none") },
              ]}
              onChange={(value) => setWhen(value as When)}
            />
            {when === "at" && (
              <TextField
                label={t("trigger.dateIn", { zone })}
                type="datetime-local"
                step={1}
                value={time}
                error={timeProblem ?? failure?.fields.logical_date}
                onChange={(event) => setTime(event.target.value)}
              />
            )}
            {when === "none" && <p className="soft small">{t("trigger.noneHint")}</p>}
            <TextField
              label={t("trigger.runId")}
              value={runId}
              placeholder={t("trigger.runIdHint")}
              autoComplete="off"
              error={runIdError}
              onChange={(event) => setRunId(event.target.value)}
            />
            <TextArea label={t("act.note")} rows={2} maxLength={1000} value={note} error={failure?.fields.note} onChange={(event) => setNote(event.target.value)} />
            {dag.is_paused && (
              <>
                <Choices
                  label={t("trigger.paused")}
                  value={unpause}
                  options={[
                    { value: "unpause", label: t("trigger.unpause") },
                    ...(missed > 0 ? [{ value: "fromNow", label: t("trigger.fromNow") }] : []),
                    { value: "stay", label: t("trigger.stay") },
                  ]}
                  onChange={(value) => setChosen(value as Unpause)}
                />
                <p className="soft small">
                  {unpause === "stay" ? t("trigger.stayHint") : unpause === "fromNow" ? t("trigger.fromNowHint", { count: missed }) : missed > 0 ? t("trigger.unpauseStarts", { count: missed }) : ""}
                </p>
              </>
            )}
          </div>
        </Card>
        {elsewhere && <Failed error={start.error} />}
        <div className={styles.start}>
          <Button kind="main" icon="play" type="submit" busy={start.isPending} why={why}>
            {t("trigger.start")}
          </Button>
          {tried && Object.keys(wrong).length > 0 && (
            <p className={styles.error} role="alert">
              {t("trigger.fixFirst", { count: Object.keys(wrong).length })}
            </p>
          )}
        </div>
      </div>
      <div className={styles.side}>
        <Card title={t("trigger.json")}>
          <TextArea
            label={t("trigger.json")}
            bare
            className="mono"
            rows={Math.min(24, Math.max(8, form.json.split("\n").length + 1))}
            spellCheck={false}
            value={form.json}
            hint={t("trigger.jsonHint")}
            error={form.jsonProblem === null ? null : form.jsonProblem === "{}" ? t("trigger.problem.notObject") : t("keyed.notJson", { problem: form.jsonProblem })}
            onChange={(event) => setForm((before) => changeJson(before, fields, event.target.value, zone))}
          />
        </Card>
        <details className={styles.commands}>
          <summary>{t("trigger.commands")}</summary>
          <Command title="curl" text={asCurl(origin, dag.dag_id, body())} />
          <Command title={t("trigger.cli")} text={asCommand(dag.dag_id, body())} />
        </details>
      </div>
    </form>
  );
}

function Command({ title, text }: { title: string; text: string }) {
  const t = useT();
  return (
    <div className={styles.command}>
      <div className={styles.commandHead}>
        <strong translate="no">{title}</strong>
        <CopyButton text={text} label={t("trigger.copyOne", { what: title })} />
      </div>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls */}
      <pre tabIndex={0} translate="no">{text}</pre>
    </div>
  );
}
