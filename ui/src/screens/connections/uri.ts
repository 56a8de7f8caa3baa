/** A connection as `type://login:password@host:port/schema?key=value`, parts percent-encoded. */
export interface UriParts {
  conn_type: string;
  login: string | null;
  password: string | null;
  host: string | null;
  port: number | null;
  schema: string | null;
  extra: string | null;
}

const SHAPE = /^([a-z][\w+.-]*):\/\/(?:([a-z][\w+.-]*):\/\/)?(?:([^:@/?]*)(?::([^@/?]*))?@)?(\[[^\]]*\]|[^:/?]*)(?::(\d+))?(?:\/([^?]*))?(?:\?(.*))?$/i;

/** The parts of a connection's URI; `null`: it is none. */
export function ofUri(uri: string): UriParts | null {
  const found = SHAPE.exec(uri);
  if (!found) return null;
  const [, type = "", protocol, login, password, host = "", port, schema = "", query] = found;
  if (port !== undefined && Number(port) > 65_535) return null;
  const decoded = (text: string | undefined) => (text === undefined ? null : decodeURIComponent(text));
  try {
    return {
      conn_type: type.toLowerCase() === "postgresql" ? "postgres" : type.toLowerCase().replaceAll("-", "_"),
      login: decoded(login),
      password: decoded(password),
      host: (protocol ? `${protocol.toLowerCase()}://` : "") + (decoded(host) ?? ""),
      port: port === undefined ? null : Number(port),
      schema: decoded(schema),
      extra: query ? extraOf(query) : null,
    };
  } catch {
    // A percent sign that begins no code.
    return null;
  }
}

/** Values that are JSON stay so; `__extra__` carries all of it. */
function extraOf(query: string): string {
  const values = new URLSearchParams(query);
  const whole = values.get("__extra__");
  if (whole !== null) return whole;
  return JSON.stringify(Object.fromEntries([...values].map(([key, value]) => [key, ofJson(value)])));
}

function ofJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
