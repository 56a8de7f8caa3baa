import type { Param, Schema } from "@/api/work";
import { fromInput, toInput } from "@/time/input";

/** How a param is asked for. */
export type Kind = "text" | "area" | "integer" | "number" | "boolean" | "date" | "time" | "datetime" | "choice" | "several" | "list" | "json" | "fixed";

export interface Field {
  name: string;
  label: string;
  description: string | null;
  section: string | null;
  kind: Kind;
  /** May be left empty: then it is null. */
  nullable: boolean;
  schema: Schema;
  initial: unknown;
  /** Of a choice, in order, with the words for each. */
  options: { value: unknown; label: string }[];
}

/** What stands in a field: text, a mark, or the marked ones of several. */
export type Draft = string | boolean | string[];

/** What a draft means: a value, and what is wrong with it. */
export type Problem =
  | { kind: "required" }
  | { kind: "notInteger" | "notNumber" | "notDate" | "notTime" | "pattern" | "notObject" | "notList" }
  | { kind: "json"; words: string }
  | { kind: "atLeast" | "atMost" | "above" | "below" | "multiple" | "minLength" | "maxLength" | "minItems" | "maxItems"; bound: number };
export interface Meaning {
  value: unknown;
  problem: Problem | null;
}

const typesOf = (schema: Schema): string[] => (Array.isArray(schema.type) ? schema.type : schema.type ? [schema.type] : []);

function typeOfValue(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

function kindOf(schema: Schema, value: unknown): Kind {
  if (schema.const !== undefined) return "fixed";
  if (schema.enum) return "choice";
  const types = typesOf(schema).filter((type) => type !== "null");
  // A param without a type keeps that of its default; several types can only be written as JSON.
  const type = types.length > 1 ? "several types" : (types[0] ?? typeOfValue(value) ?? "json");
  switch (type) {
    case "string":
      return ofString(schema, value);
    case "integer":
      // Without a schema, 4 may as well become 4.5.
      return types.length === 0 ? "number" : "integer";
    case "number":
    case "boolean":
      return type;
    case "array":
      return ofArray(schema, value);
    default:
      return "json";
  }
}

function ofString({ format }: Schema, value: unknown): Kind {
  if (format === "date" || format === "time") return format;
  if (format === "date-time") return "datetime";
  if (format === "multiline" || (typeof value === "string" && value.includes("\n"))) return "area";
  return "text";
}

function ofArray({ items, examples }: Schema, value: unknown): Kind {
  const texts = (list: unknown) => Array.isArray(list) && list.every((one) => typeof one === "string");
  if (items?.enum && texts(items.enum)) return "several";
  if (examples && texts(examples)) return "several";
  const strings = items?.type === "string" || (items === undefined && texts(value));
  return strings ? "list" : "json";
}

/** The fields of a form, in the order of the DAG's file, those without a section first. */
export function fieldsOf(params: Record<string, Param>): Field[] {
  const ordered = Object.entries(params).sort(([, a], [, b]) => (a.position ?? 0) - (b.position ?? 0));
  return ordered.map(([name, { value, description, schema }]) => {
    const kind = kindOf(schema, value);
    const several = schema.items?.enum ?? schema.examples ?? [];
    const options = kind === "choice" ? (schema.enum ?? []) : kind === "several" ? several : [];
    return {
      name,
      label: schema.title ?? name,
      description: description ?? schema.description ?? schema.description_md ?? null,
      section: schema.section ?? null,
      kind,
      nullable: typesOf(schema).includes("null") || (schema.enum?.includes(null) ?? false),
      schema,
      initial: kind === "fixed" ? schema.const : (value ?? null),
      options: options.map((option) => ({ value: option, label: schema.values_display?.[String(option)] ?? (option === null ? "-" : String(option)) })),
    };
  });
}

/** Fields by section, in order. */
export function sections(fields: readonly Field[]): { name: string | null; fields: Field[] }[] {
  const found: { name: string | null; fields: Field[] }[] = [];
  for (const field of fields) {
    const section = found.find((one) => one.name === field.section);
    if (section) section.fields.push(field);
    else found.push({ name: field.section, fields: [field] });
  }
  return found.sort((a, b) => Number(a.name !== null) - Number(b.name !== null));
}

/** A value as its field shows it. */
export function toDraft(field: Field, value: unknown, zone: string): Draft {
  switch (field.kind) {
    case "boolean":
      return value === true;
    case "several":
      return Array.isArray(value) ? value.map(String) : [];
    case "list":
      return Array.isArray(value) ? value.map(String).join("\n") : "";
    case "choice": {
      const at = field.options.findIndex((option) => JSON.stringify(option.value) === JSON.stringify(value));
      return at < 0 ? "" : String(at);
    }
    case "datetime":
      return typeof value === "string" ? toInput(value, zone) || value : "";
    case "json":
    case "fixed":
      return value === null || value === undefined ? "" : JSON.stringify(value, null, 2);
    default:
      return value === null || value === undefined ? "" : String(value);
  }
}

const good = (value: unknown): Meaning => ({ value, problem: null });
const bad = (value: unknown, problem: Problem): Meaning => ({ value, problem });

/** What stands in a field, as a value; one that is wrong stays in the JSON as it was typed. */
export function meaning(field: Field, draft: Draft, zone: string): Meaning {
  if (field.kind === "boolean") return good(draft === true);
  if (field.kind === "fixed") return good(field.initial);
  if (field.kind === "several") return ofItems(field, Array.isArray(draft) ? draft : []);
  const text = String(draft);
  if (field.kind === "list") return ofItems(field, text.split("\n").filter((line) => line.trim() !== ""));
  if (text.trim() === "") return empty(field, text);
  switch (field.kind) {
    case "choice":
      return good(field.options[Number(text)]?.value);
    case "integer":
    case "number":
      return ofNumber(field, text);
    case "date":
      return /^\d{4}-\d\d-\d\d$/.test(text) ? good(text) : bad(text, { kind: "notDate" });
    case "time":
      return /^\d\d:\d\d(:\d\d)?/.test(text) ? good(text.length === 5 ? `${text}:00` : text) : bad(text, { kind: "notTime" });
    case "datetime": {
      const iso = fromInput(text, zone);
      return iso === null ? bad(text, { kind: "notDate" }) : good(iso);
    }
    case "json":
      return ofJson(field, text);
    default:
      return ofText(field, text);
  }
}

function empty(field: Field, text: string): Meaning {
  if (field.nullable) return good(null);
  const mayBeEmpty = (field.kind === "text" || field.kind === "area") && (field.initial === "" || typesOf(field.schema).length === 0) && !field.schema.minLength;
  if (mayBeEmpty) return good(text);
  // An untyped param whose default is null may stay so.
  if (field.kind === "json" && typesOf(field.schema).length === 0) return good(null);
  return bad(null, { kind: "required" });
}

function ofNumber({ kind, schema }: Field, text: string): Meaning {
  const value = Number(text);
  if (Number.isNaN(value)) return bad(text, { kind: kind === "integer" ? "notInteger" : "notNumber" });
  if (kind === "integer" && !Number.isInteger(value)) return bad(value, { kind: "notInteger" });
  if (schema.minimum !== undefined && value < schema.minimum) return bad(value, { kind: "atLeast", bound: schema.minimum });
  if (schema.maximum !== undefined && value > schema.maximum) return bad(value, { kind: "atMost", bound: schema.maximum });
  if (schema.exclusiveMinimum !== undefined && value <= schema.exclusiveMinimum) return bad(value, { kind: "above", bound: schema.exclusiveMinimum });
  if (schema.exclusiveMaximum !== undefined && value >= schema.exclusiveMaximum) return bad(value, { kind: "below", bound: schema.exclusiveMaximum });
  if (schema.multipleOf !== undefined && Math.abs(value / schema.multipleOf - Math.round(value / schema.multipleOf)) > 1e-9) return bad(value, { kind: "multiple", bound: schema.multipleOf });
  return good(value);
}

function ofText({ schema }: Field, text: string): Meaning {
  const length = [...text].length;
  if (schema.minLength !== undefined && length < schema.minLength) return bad(text, { kind: "minLength", bound: schema.minLength });
  if (schema.maxLength !== undefined && length > schema.maxLength) return bad(text, { kind: "maxLength", bound: schema.maxLength });
  if (schema.pattern !== undefined && !matches(schema.pattern, text)) return bad(text, { kind: "pattern" });
  return good(text);
}

/** A pattern that this browser cannot read is left to the server. */
function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, "u").test(text);
  } catch {
    return true;
  }
}

function ofItems({ schema, nullable }: Field, items: string[]): Meaning {
  if (items.length === 0 && nullable) return good(null);
  if (schema.minItems !== undefined && items.length < schema.minItems) return bad(items, { kind: "minItems", bound: schema.minItems });
  if (schema.maxItems !== undefined && items.length > schema.maxItems) return bad(items, { kind: "maxItems", bound: schema.maxItems });
  return good(items);
}

function ofJson({ schema }: Field, text: string): Meaning {
  try {
    const value: unknown = JSON.parse(text);
    const types = typesOf(schema);
    const is = typeOfValue(value) ?? "null";
    if (types.length === 1 && types[0] === "object" && is !== "object") return bad(value, { kind: "notObject" });
    if (types.length === 1 && types[0] === "array" && is !== "array") return bad(value, { kind: "notList" });
    return good(value);
  } catch (error) {
    return bad(text, { kind: "json", words: error instanceof Error ? error.message : String(error) });
  }
}
