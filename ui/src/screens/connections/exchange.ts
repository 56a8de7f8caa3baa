import { api } from "@/api/client";
import { type Connection, MASK, readConnections } from "@/api/keyed";
import { asText, type ExchangeOf, ExchangeProblem, isObject, outcomeOf } from "@/screens/keyed/exchange";
import { ofUri } from "./uri";

const FIELDS = ["conn_type", "description", "login", "password", "host", "port", "schema", "extra"] as const;
/** The names of older files, which say again what others say. */
const IGNORED = ["conn_id", "connection_id", "extra_dejson"];

/** `{"id": {"conn_type": .., "host": ..}}`, or `{"id": "type://host"}`. */
export const exchange: ExchangeOf<Connection> = {
  read: (query) => readConnections({ ...query, order_by: "connection_id" }),
  nameOf: (row) => row.connection_id,
  toFile: ({ conn_type, description, login, host, port, schema, extra, password }) => {
    const shown = withoutMasks(extra);
    return { value: { conn_type, description, login, host, port, schema, extra: shown }, without: password !== null || shown !== extra };
  },
  fromFile: (name, value, before) => {
    const entry = typeof value === "string" ? ofText(name, value) : value;
    if (!isObject(entry)) throw new ExchangeProblem("entry", { name });
    if (typeof entry.uri === "string") return { connection_id: name, ...uri(name, entry.uri) };
    const unknown = Object.keys(entry).find((key) => !(FIELDS as readonly string[]).includes(key) && !IGNORED.includes(key));
    if (unknown !== undefined) throw new ExchangeProblem("field", { name, words: unknown });
    if (typeof entry.conn_type !== "string" || entry.conn_type === "") throw new ExchangeProblem("type", { name });
    const text = (key: (typeof FIELDS)[number]) => (entry[key] === undefined || entry[key] === null ? null : asText(entry[key]));
    // A file that says nothing of the password leaves the one that is there.
    const password = "password" in entry ? text("password") : before?.password ? MASK : null;
    return {
      connection_id: name,
      conn_type: entry.conn_type,
      description: text("description"),
      host: text("host"),
      login: text("login"),
      password,
      schema: text("schema"),
      port: entry.port === undefined || entry.port === null || entry.port === "" ? null : Number(entry.port),
      extra: text("extra"),
    };
  },
  send: async (entities, action_on_existence) =>
    outcomeOf(await api.patch("/api/v2/connections", { body: { actions: [{ action: "create", entities, action_on_existence }] } })),
};

function ofText(name: string, text: string): object {
  if (!text.trimStart().startsWith("{")) return { uri: text };
  try {
    return JSON.parse(text) as object;
  } catch {
    throw new ExchangeProblem("entry", { name });
  }
}

function uri(name: string, text: string): object {
  const parts = ofUri(text);
  if (!parts) throw new ExchangeProblem("uri", { name });
  return parts;
}

/** An extra without the values that are hidden. */
function withoutMasks(extra: string | null): string | null {
  if (!extra?.includes(MASK)) return extra;
  const clean = (value: unknown): unknown => (isObject(value) ? Object.fromEntries(Object.entries(value).flatMap(([key, one]) => (one === MASK ? [] : [[key, clean(one)]]))) : value);
  try {
    return JSON.stringify(clean(JSON.parse(extra)));
  } catch {
    return null;
  }
}
