import { queryOptions } from "@tanstack/react-query";
import { api } from "@/api/client";
import { MASK } from "@/api/keyed";
import type { Schemas } from "@/api/schema";

/** What the form shows for a type of connection, as its provider package says. */
export type Kind = Schemas["ConnectionTypeResponse"];
export type KindField = Schemas["ConnectionFieldResponse"];

export const kindsQuery = queryOptions({
  queryKey: ["connectionTypes"],
  queryFn: async ({ signal }) => (await api.get("/api/v2/tradewind/connectionTypes", { signal })).connection_types,
  // Packages are installed with the process.
  staleTime: Number.POSITIVE_INFINITY,
});

/** The extra as an object; null when it is none. */
export function objectOf(extra: string): Record<string, unknown> | null {
  if (extra.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(extra);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** Where a field stands in the extra: old connections have it under a long name. */
export function keyOf(kind: Kind, field: KindField, extra: Record<string, unknown>): string {
  const long = `extra__${kind.connection_type}__${field.name}`;
  return !(field.name in extra) && long in extra ? long : field.name;
}

/** What a field shows; a secret that is kept shows nothing. */
export function shownValue(value: unknown): string {
  if (value === undefined || value === null || value === MASK) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** The extra with another value of a field; an empty one takes its key away. */
export function withValue(extra: string, key: string, field: KindField, text: string | boolean): string {
  const { [key]: _, ...rest } = objectOf(extra) ?? {};
  const number = field.type === "integer" || field.type === "number" ? Number(text) : Number.NaN;
  const value = typeof text === "string" && text.trim() !== "" && !Number.isNaN(number) ? number : text;
  const next = value === "" || value === false ? rest : { ...rest, [key]: value };
  return Object.keys(next).length === 0 ? "" : JSON.stringify(next, null, 2);
}
