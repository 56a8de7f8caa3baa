/** The conf of a run on one line; `""`: it has none. */
export function confText(conf: unknown): string {
  return typeof conf === "object" && conf !== null && Object.keys(conf).length > 0 ? JSON.stringify(conf) : "";
}
