/** A call that failed: what was asked, what came back, and what a person can be told. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly method: string,
    readonly path: string,
    /** 0: no answer at all. */
    readonly status: number,
    readonly detail: string,
    /** What is wrong with which field of the body, where the server said so. */
    readonly fields: Readonly<Record<string, string>> = {},
  ) {
    super(`${method} ${path}: ${status === 0 ? "no answer" : status}: ${detail}`);
  }

  /** No token, or one that is no longer good; a role that does not suffice is something else. */
  get signedOut(): boolean {
    return this.status === 401 || (this.status === 403 && this.detail === "Invalid JWT token");
  }

  /** Asking again may help. */
  get transient(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

interface Issue {
  loc?: unknown[];
  msg?: string;
}

/** The `detail` of an answer in words: a sentence, a list of findings, or an object with a message. */
export function describe(body: unknown, fallback: string): string {
  const detail = typeof body === "object" && body !== null && "detail" in body ? body.detail : body;
  if (typeof detail === "string" && detail !== "") return detail;
  if (Array.isArray(detail)) {
    return detail
      .map((issue: Issue) => [issue.loc?.slice(1).join("."), issue.msg].filter(Boolean).join(": "))
      .filter(Boolean)
      .join("; ");
  }
  if (typeof detail === "object" && detail !== null) {
    const { reason, message } = detail as { reason?: string; message?: string };
    const text = [reason, message].filter(Boolean).join(". ");
    if (text) return text;
  }
  return fallback;
}

/** Findings by the field of the body they are about. */
export function fieldsOf(body: unknown): Record<string, string> {
  const detail = typeof body === "object" && body !== null && "detail" in body ? body.detail : null;
  if (!Array.isArray(detail)) return {};
  const found = (detail as Issue[]).filter((issue) => issue.loc?.[0] === "body" && issue.loc.length > 1);
  return Object.fromEntries(found.map((issue) => [String(issue.loc?.[1]), (issue.msg ?? "").replace(/^Value error, /, "")]));
}
