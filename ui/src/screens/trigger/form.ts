import { type Draft, type Field, meaning, type Problem, toDraft } from "./params";

/** The form and its JSON: two views of one conf. */
export interface Form {
  drafts: Record<string, Draft>;
  /** Keys of the conf that are no param. */
  extra: Record<string, unknown>;
  json: string;
  /** Why the JSON cannot be taken over; the fields then show what held before. */
  jsonProblem: string | null;
}

const write = (fields: readonly Field[], drafts: Record<string, Draft>, extra: Record<string, unknown>, zone: string): string =>
  JSON.stringify({ ...Object.fromEntries(fields.map((field) => [field.name, meaning(field, drafts[field.name] ?? "", zone).value])), ...extra }, null, 2);

/** The form filled with a conf; params that it does not name have their defaults. */
export function fill(fields: readonly Field[], conf: Record<string, unknown>, zone: string): Form {
  const names = new Set(fields.map((field) => field.name));
  const drafts = Object.fromEntries(fields.map((field) => [field.name, toDraft(field, field.name in conf ? conf[field.name] : field.initial, zone)]));
  const extra = Object.fromEntries(Object.entries(conf).filter(([name]) => !names.has(name)));
  return { drafts, extra, json: write(fields, drafts, extra, zone), jsonProblem: null };
}

/** A field was changed: the JSON follows. */
export function change(form: Form, fields: readonly Field[], name: string, draft: Draft, zone: string): Form {
  const drafts = { ...form.drafts, [name]: draft };
  return { ...form, drafts, json: write(fields, drafts, form.extra, zone), jsonProblem: null };
}

/** The JSON was changed: the fields follow, and the text stays as it was typed. */
export function changeJson(form: Form, fields: readonly Field[], json: string, zone: string): Form {
  let conf: unknown;
  try {
    conf = json.trim() === "" ? {} : JSON.parse(json);
  } catch (error) {
    return { ...form, json, jsonProblem: error instanceof Error ? error.message : String(error) };
  }
  if (typeof conf !== "object" || conf === null || Array.isArray(conf)) return { ...form, json, jsonProblem: "{}" };
  return { ...fill(fields, conf as Record<string, unknown>, zone), json };
}

/** What is wrong, by the name of the field. */
export const problems = (form: Form, fields: readonly Field[], zone: string): Record<string, Problem> =>
  Object.fromEntries(fields.map((field) => [field.name, meaning(field, form.drafts[field.name] ?? "", zone).problem]).filter((one): one is [string, Problem] => one[1] !== null));

/** The conf to send. */
export const confOf = (form: Form, fields: readonly Field[], zone: string): Record<string, unknown> =>
  JSON.parse(write(fields, form.drafts, form.extra, zone)) as Record<string, unknown>;

/** The name of the param that the server found wrong, in its words. */
export function refusedParam(detail: string): { name: string; words: string } | null {
  const match = /^Invalid (?:input for|schema of) param (.+?): (.*)$/s.exec(detail);
  return match ? { name: match[1] ?? "", words: match[2] ?? "" } : null;
}

/** For a shell: in single quotes. */
export const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

export interface Asked {
  dag_run_id?: string;
  logical_date: string | null;
  conf: Record<string, unknown>;
  note?: string;
}

export function asCurl(base: string, dagId: string, body: Asked): string {
  const url = `${base.replace(/\/$/, "")}/api/v2/dags/${encodeURIComponent(dagId)}/dagRuns`;
  return [`curl -X POST ${quoted(url)}`, `-H "Authorization: Bearer $TOKEN"`, `-H 'Content-Type: application/json'`, `-d ${quoted(JSON.stringify(body))}`].join(" \\\n  ");
}

export function asCommand(dagId: string, body: Asked): string {
  const parts = [`tradewind dags trigger ${/^[\w.-]+$/.test(dagId) ? dagId : quoted(dagId)}`];
  if (Object.keys(body.conf).length > 0) parts.push(`--conf ${quoted(JSON.stringify(body.conf))}`);
  if (body.dag_run_id) parts.push(`--run-id ${quoted(body.dag_run_id)}`);
  if (body.logical_date) parts.push(`--logical-date ${quoted(body.logical_date)}`);
  return parts.join(" \\\n  ");
}
