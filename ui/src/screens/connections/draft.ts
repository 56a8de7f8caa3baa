import { type Connection, MASK } from "@/api/keyed";
import { pretty } from "@/parts/json";

/** What stands in the form. */
export interface Draft {
  connection_id: string;
  conn_type: string;
  host: string;
  port: string;
  login: string;
  schema: string;
  /** Empty: the old one stays. */
  password: string;
  dropPassword: boolean;
  extra: string;
  description: string;
}

export const draftOf = (connection: Connection | null): Draft => ({
  connection_id: connection?.connection_id ?? "",
  conn_type: connection?.conn_type ?? "",
  host: connection?.host ?? "",
  port: connection?.port?.toString() ?? "",
  login: connection?.login ?? "",
  schema: connection?.schema ?? "",
  password: "",
  dropPassword: false,
  extra: pretty(connection?.extra ?? ""),
  description: connection?.description ?? "",
});

const orNull = (text: string) => (text.trim() === "" ? null : text.trim());

type Body = Pick<Connection, "connection_id" | "conn_type"> & Partial<Connection>;

/** The body to send, and which of its fields are meant. */
export function connectionBody(draft: Draft, exists: boolean): { body: Body; mask: string[] } {
  const body: Body = {
    connection_id: draft.connection_id.trim(),
    conn_type: draft.conn_type.trim(),
    host: orNull(draft.host),
    port: draft.port.trim() === "" ? null : Number(draft.port),
    login: orNull(draft.login),
    schema: orNull(draft.schema),
    extra: orNull(draft.extra),
    description: orNull(draft.description),
  };
  if (draft.dropPassword) body.password = null;
  else if (draft.password !== "" && draft.password !== MASK) body.password = draft.password;
  const mask = exists ? Object.keys(body).filter((name) => name !== "connection_id") : [];
  return { body, mask };
}
