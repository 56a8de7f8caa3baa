import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "@/api/client";
import { useConfig, useMay } from "@/api/config";
import { type Param, questionQuery, taskPath, type TaskRef } from "@/api/work";
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
import styles from "./Task.module.css";

/** What a task asks people, and the answer to it. */
export function Answer({ taskRef }: { taskRef: TaskRef }) {
  const t = useT();
  const found = useQuery(questionQuery(taskRef));
  if (found.error) return <Failed error={found.error} retry={() => void found.refetch()} />;
  if (!found.data || found.data.response_received) return null;
  const question = found.data;
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
        {question.assigned_users.length > 0 && (
          <p className="soft">{t("task.askedOf", { names: question.assigned_users.map((user) => user.name).join(", ") })}</p>
        )}
        <Form
          key={question.created_at}
          taskRef={taskRef}
          options={question.options}
          multiple={question.multiple}
          defaults={question.defaults ?? []}
          params={question.params as Record<string, Param>}
        />
      </div>
    </Card>
  );
}

interface FormProps {
  taskRef: TaskRef;
  options: readonly string[];
  multiple: boolean;
  defaults: readonly string[];
  params: Record<string, Param>;
}

function Form({ taskRef, options, multiple, defaults, params }: FormProps) {
  const t = useT();
  const client = useQueryClient();
  const may = useMay("USER");
  const { role } = useConfig().user;
  const zone = useZones().shown;
  const [fields] = useState(() => fieldsOf(params));
  const [form, setForm] = useState(() => fill(fields, {}, zone));
  const [chosen, setChosen] = useState<readonly string[]>(defaults);
  const wrong = problems(form, fields, zone);
  const why = may ? (Object.keys(wrong).length > 0 ? t("trigger.fixFirst", { count: Object.keys(wrong).length }) : null) : t("common.notAllowed", { role });
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
          <Button kind="main" busy={send.isPending} why={why ?? (chosen.length === 0 ? t("task.chooseOne") : null)} onClick={() => send.mutate(chosen)}>
            {t("task.answer")}
          </Button>
        </fieldset>
      ) : (
        <div className="row">
          {options.map((option) => (
            <Button
              key={option}
              kind={defaults.includes(option) || options.length === 1 ? "main" : undefined}
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
