import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "@/api/client";
import { useConfig, useMay } from "@/api/config";
import { dependenciesQuery, type Param, questionQuery, taskPath, type TaskRef } from "@/api/work";
import { useT } from "@/catalogue/use";
import { Button } from "@/parts/Button";
import { CheckField } from "@/parts/fields";
import { Failed } from "@/parts/Failed";
import { notify } from "@/parts/notices";
import { Card } from "@/parts/Page";
import { change, confOf, fill, problems } from "@/screens/trigger/form";
import { ParamField, problemWords } from "@/screens/trigger/ParamField";
import { fieldsOf } from "@/screens/trigger/params";
import { useZones } from "@/time/viewer";
import { shown } from "@/time/zone";
import styles from "./Task.module.css";

const route = getRouteApi("/app/dags/$dagId/runs/$runId/tasks/$taskId");

/** What a task asks people, and the answer to it. */
export function Answer({ taskRef }: { taskRef: TaskRef }) {
  const t = useT();
  const zone = useZones().shown;
  const { user } = useConfig();
  const { options: picked, params_input: filled } = route.useSearch();
  const found = useQuery(questionQuery(taskRef));
  const until = useQuery(dependenciesQuery(taskRef)).data?.find((entry) => entry.kind === "waits_for_people")?.until;
  if (found.error) return <Failed error={found.error} retry={() => void found.refetch()} />;
  if (!found.data || found.data.response_received) return null;
  const question = found.data;
  const names = question.assigned_users.map((one) => one.name).join(", ");
  const isAsked = question.assigned_users.length === 0 || question.assigned_users.some((one) => one.id === user.username || one.name === user.username);
  const at = until ? shown(new Date(until), zone, "second") : "";
  const defaults = question.defaults ?? [];
  return (
    <Card title={t("task.question")}>
      <div className={styles.question}>
        <p translate="no">
          <strong>{question.subject}</strong>
        </p>
        {question.body && (
          <p className={styles.note} translate="no">
            {question.body}
          </p>
        )}
        {names && <p className="soft">{t("task.askedOf", { names })}</p>}
        {until && (
          <p className="soft">{defaults.length > 0 ? t("task.unanswered", { at, options: defaults.join(", ") }) : t("task.unansweredFails", { at })}</p>
        )}
        <Form
          key={question.created_at}
          taskRef={taskRef}
          options={question.options}
          multiple={question.multiple}
          defaults={defaults}
          picked={textsOf(picked).filter((option) => question.options.includes(option))}
          params={question.params as Record<string, Param>}
          filled={objectOf(filled)}
          refused={isAsked || user.role === "ADMIN" ? null : t("task.notAsked", { names })}
        />
      </div>
    </Card>
  );
}

const json = (text: string | undefined): unknown => {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
};
const textsOf = (text: string | undefined): string[] => {
  const value = json(text);
  return Array.isArray(value) ? value.map(String) : [];
};
const objectOf = (text: string | undefined): Record<string, unknown> => {
  const value = json(text);
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
};

interface FormProps {
  taskRef: TaskRef;
  options: readonly string[];
  multiple: boolean;
  defaults: readonly string[];
  /** The answer that the address brings. */
  picked: readonly string[];
  params: Record<string, Param>;
  filled: Record<string, unknown>;
  /** Why this viewer may not answer. */
  refused: string | null;
}

function Form({ taskRef, options, multiple, defaults, picked, params, filled, refused }: FormProps) {
  const t = useT();
  const client = useQueryClient();
  const may = useMay("USER");
  const { role } = useConfig().user;
  const zone = useZones().shown;
  const [fields] = useState(() => fieldsOf(params));
  const [form, setForm] = useState(() => fill(fields, filled, zone));
  const [chosen, setChosen] = useState<readonly string[]>(picked.length > 0 ? picked : defaults);
  const wrong = problems(form, fields, zone);
  const why = refused ?? (may ? (Object.keys(wrong).length > 0 ? t("trigger.fixFirst", { count: Object.keys(wrong).length }) : null) : t("common.notAllowed", { role }));
  const send = useMutation({
    mutationFn: (picked: readonly string[]) =>
      api.patch("/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}/hitlDetails", {
        path: taskPath(taskRef),
        body: { chosen_options: [...picked], params_input: confOf(form, fields, zone) },
      }),
    onSuccess: () => {
      notify({ kind: "done", text: t("task.answered") });
      void client.invalidateQueries({ queryKey: ["dag", taskRef.dag_id] });
    },
  });
  return (
    <>
      {fields.map((field) => {
        const problem = wrong[field.name];
        return (
          <ParamField
            key={field.name}
            field={field}
            draft={form.drafts[field.name] ?? ""}
            error={problem ? problemWords(problem, t) : null}
            zoneName={zone}
            onChange={(draft) => setForm((before) => change(before, fields, field.name, draft, zone))}
          />
        );
      })}
      {multiple ? (
        <fieldset className={styles.options}>
          <legend>{t("task.options")}</legend>
          {options.map((option) => (
            <CheckField
              key={option}
              label={<span translate="no">{option}</span>}
              checked={chosen.includes(option)}
              onChange={(event) => setChosen(options.filter((one) => (one === option ? event.target.checked : chosen.includes(one))))}
            />
          ))}
          <Button className={styles.answer ?? ""} kind="main" busy={send.isPending} why={why ?? (chosen.length === 0 ? t("task.chooseOne") : null)} onClick={() => send.mutate(chosen)}>
            {t("task.answer")}
          </Button>
        </fieldset>
      ) : (
        <div className="row">
          {options.map((option) => (
            <Button
              key={option}
              kind={chosen.includes(option) || options.length === 1 ? "main" : undefined}
              busy={send.isPending && send.variables[0] === option}
              why={why}
              onClick={() => send.mutate([option])}
            >
              <span translate="no">{option}</span>
            </Button>
          ))}
        </div>
      )}
    </>
  );
}
