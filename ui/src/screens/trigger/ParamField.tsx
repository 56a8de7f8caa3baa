import type { ReactNode } from "react";
import type { Translate } from "@/catalogue/translate";
import { useT } from "@/catalogue/use";
import { CheckField, SelectField, TextArea, TextField } from "@/parts/fields";
import type { Draft, Field, Problem } from "./params";
import styles from "./Trigger.module.css";

interface Props {
  field: Field;
  draft: Draft;
  /** In words. */
  error: string | null;
  zoneName: string;
  onChange: (draft: Draft) => void;
}

/** One param of a DAG, asked for by its type. */
export function ParamField({ field, draft, error, zoneName, onChange }: Props) {
  const t = useT();
  const label: ReactNode = (
    <>
      <span translate="no">{field.label}</span>
      {!field.nullable && field.schema.type !== undefined && field.kind !== "boolean" && <span className={styles.required}> *</span>}
      {field.label !== field.name && <span className={styles.name} translate="no">{field.name}</span>}
    </>
  );
  const common = { label, hint: hintOf(field, zoneName, t), error, name: field.name };
  const text = typeof draft === "string" ? draft : "";
  switch (field.kind) {
    case "boolean":
      return <CheckField label={label} hint={common.hint} checked={draft === true} onChange={(event) => onChange(event.target.checked)} />;
    case "choice":
      return (
        <SelectField
          {...common}
          value={text}
          options={[...(text === "" || field.nullable ? [{ value: "", label: "-" }] : []), ...field.options.flatMap((option, at) => (option.value === null ? [] : [{ value: String(at), label: option.label }]))]}
          onChange={(event) => onChange(event.target.value)}
        />
      );
    case "several":
      return <Several field={field} label={label} hint={common.hint} error={error} chosen={Array.isArray(draft) ? draft : []} onChange={onChange} />;
    case "area":
    case "list":
    case "json":
      return (
        <TextArea
          {...common}
          className={field.kind === "area" ? "" : "mono"}
          rows={field.kind === "json" ? 5 : 4}
          spellCheck={false}
          value={text}
          onChange={(event) => onChange(event.target.value)}
        />
      );
    case "fixed":
      return <TextField {...common} value={text} readOnly />;
    default:
      return (
        <>
          <TextField
            {...common}
            {...inputOf(field)}
            value={text}
            list={field.kind === "text" && field.schema.examples ? `examples-${field.name}` : undefined}
            onChange={(event) => onChange(event.target.value)}
          />
          {field.kind === "text" && field.schema.examples && (
            <datalist id={`examples-${field.name}`}>
              {field.schema.examples.map((example) => (
                <option key={String(example)} value={String(example)} aria-label={String(example)} />
              ))}
            </datalist>
          )}
        </>
      );
  }
}

function inputOf({ kind, schema }: Field) {
  switch (kind) {
    case "integer":
    case "number":
      return { type: "number", step: kind === "integer" ? 1 : "any", min: schema.minimum, max: schema.maximum } as const;
    case "date":
      return { type: "date" } as const;
    case "time":
      return { type: "time", step: 1 } as const;
    case "datetime":
      return { type: "datetime-local", step: 1 } as const;
    default:
      return { type: "text" } as const;
  }
}

function Several({ field, label, hint, error, chosen, onChange }: { field: Field; label: ReactNode; hint: ReactNode; error: string | null; chosen: string[]; onChange: (draft: string[]) => void }) {
  // What was given by JSON and is not among the examples is shown too.
  const all = [...new Set([...field.options.map((option) => String(option.value)), ...chosen])];
  const words = new Map(field.options.map((option) => [String(option.value), option.label]));
  const toggle = (one: string, on: boolean) => onChange(all.filter((each) => (each === one ? on : chosen.includes(each))));
  return (
    <fieldset className={styles.several}>
      <legend>{label}</legend>
      <div className="row">
        {all.map((one) => (
          <CheckField key={one} label={<span translate="no">{words.get(one) ?? one}</span>} checked={chosen.includes(one)} onChange={(event) => toggle(one, event.target.checked)} />
        ))}
      </div>
      {hint && <div className={styles.hint}>{hint}</div>}
      {error && (
        <div className={styles.error} role="alert">
          {error}
        </div>
      )}
    </fieldset>
  );
}

function hintOf({ description, kind, schema }: Field, zoneName: string, t: Translate): ReactNode {
  const words: string[] = [];
  if (description) words.push(description);
  const { minimum: least, maximum: most } = schema;
  if (least !== undefined && most !== undefined) words.push(t("trigger.between", { least, most }));
  else if (least !== undefined) words.push(t("trigger.problem.atLeast", { bound: least }));
  else if (most !== undefined) words.push(t("trigger.problem.atMost", { bound: most }));
  if (kind === "datetime") words.push(t("trigger.inZone", { zone: zoneName }));
  if (kind === "list") words.push(t("trigger.oneALine"));
  if (kind === "json") words.push(t("trigger.asJson"));
  if (words.length === 0) return undefined;
  return <span translate={description ? "no" : undefined}>{words.join(" · ")}</span>;
}

/** What is wrong, in words. */
export function problemWords(problem: Problem, t: Translate): string {
  switch (problem.kind) {
    case "json":
      return t("keyed.notJson", { problem: problem.words });
    case "required":
    case "notInteger":
    case "notNumber":
    case "notDate":
    case "notTime":
    case "pattern":
    case "notObject":
    case "notList":
      return t(`trigger.problem.${problem.kind}`);
    default:
      return t(`trigger.problem.${problem.kind}`, { bound: problem.bound });
  }
}
