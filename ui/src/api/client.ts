import { at } from "./base";
import { ApiError, describe, fieldsOf } from "./error";
import type { paths } from "./schema";

type Method = "get" | "post" | "put" | "patch" | "delete";
type PathsWith<M extends Method> = { [P in keyof paths]: M extends keyof paths[P] ? P : never }[keyof paths] & string;
type Operation<P, M extends Method> = P extends keyof paths ? (M extends keyof paths[P] ? paths[P][M] : never) : never;
type AnswerOf<P, M extends Method> = Part<Operation<P, M>, "answer">;
type Part<O, K extends string> = O extends { [k in K]: infer T } ? T : never;
type ParamsOf<O> = Part<O, "path"> extends never ? { path?: undefined } : { path: Part<O, "path"> };
type QueryOf<O> = { query?: Part<O, "query"> extends never ? Query : Partial<Part<O, "query">> & Query };
type BodyOf<O> = { body?: Part<O, "body"> extends never ? unknown : Part<O, "body"> };

type Scalar = string | number | boolean;
/** Values of a query; `undefined` and `null` are left out, a list repeats its name. */
export type Query = Record<string, Scalar | null | undefined | readonly Scalar[]>;

export interface Options {
  signal?: AbortSignal | undefined;
}

/** `/a/{b}` with its parameters and query, below the base path. */
export function address(path: string, params: Record<string, Scalar> = {}, query: Query = {}): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name];
    if (value === undefined) throw new Error(`${path}: no value for {${name}}`);
    return encodeURIComponent(value);
  });
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      // An empty cursor asks for the first page and the key of the next.
      if (one !== undefined && one !== null && (one !== "" || name === "cursor")) search.append(name, String(one));
    }
  }
  const text = search.toString();
  return at(filled) + (text ? `?${text}` : "");
}

const listeners = new Set<(error: ApiError) => void>();

/** Called when the server no longer knows who we are. */
export function onSignedOut(listener: (error: ApiError) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** One call; the answer's JSON, or `undefined` when it has no body. Anything but success is an [`ApiError`]. */
export async function send<T = unknown>(method: string, url: string, body?: unknown, options: Options = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const shown = url.split("?")[0] ?? url;
  let response: Response;
  try {
    response = await fetch(url, {
      method: method.toUpperCase(),
      headers,
      credentials: "same-origin",
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(options.signal ? { signal: options.signal } : {}),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(method.toUpperCase(), shown, 0, error instanceof Error ? error.message : String(error));
  }
  const text = await response.text();
  let value: unknown = text === "" ? undefined : text;
  if (text !== "" && (response.headers.get("content-type") ?? "").includes("json")) value = JSON.parse(text);
  if (response.ok) return value as T;
  const failed = new ApiError(method.toUpperCase(), shown, response.status, describe(value, response.statusText), fieldsOf(value));
  if (failed.signedOut) for (const listener of listeners) listener(failed);
  throw failed;
}

type Call<M extends Method> = <P extends PathsWith<M>>(
  path: P,
  ...rest: ParamsOf<Operation<P, M>> extends { path: unknown }
    ? [input: ParamsOf<Operation<P, M>> & QueryOf<Operation<P, M>> & BodyOf<Operation<P, M>> & Options]
    : [input?: QueryOf<Operation<P, M>> & BodyOf<Operation<P, M>> & Options]
) => Promise<AnswerOf<P, M>>;

interface Input extends Options {
  path?: Record<string, Scalar>;
  query?: Query;
  body?: unknown;
}

function call<M extends Method>(method: M): Call<M> {
  const typed = (path: string, input: Input = {}) =>
    send(method, address(path, input.path, input.query), input.body, { signal: input.signal });
  return typed as unknown as Call<M>;
}

/** Calls by path, typed by the server's own OpenAPI document: `api.get("/api/v2/dags/{dag_id}", { path: { dag_id } })`. */
export const api = { get: call("get"), post: call("post"), put: call("put"), patch: call("patch"), delete: call("delete") };
