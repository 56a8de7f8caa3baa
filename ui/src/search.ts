/** What is read from the address: texts, or lists of them where a name repeats. */
export type Raw = Record<string, unknown>;

/** `?a=1&tags=x&tags=y`, plainly, so that people can read and write it. */
export function parseSearch(search: string): Raw {
  const found: Record<string, string | string[]> = {};
  for (const [name, value] of new URLSearchParams(search)) {
    const before = found[name];
    found[name] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
  }
  return found;
}

export function stringifySearch(search: Raw): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== "") params.append(name, String(one));
    }
  }
  const text = params.toString();
  return text ? `?${text}` : "";
}

/** Leaves out what is not there: links then need not name it. */
export function present<T extends Record<string, unknown>>(search: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as ReturnType<typeof present<T>>;
}

/*
 * Readers for `validateSearch`: each gives what is right or `undefined`, so that an address somebody mistyped shows the screen
 * without that filter instead of an error.
 */
export const text = (value: unknown): string | undefined => {
  const one = Array.isArray(value) ? value[0] : value;
  return one === undefined || one === null || one === "" ? undefined : String(one);
};
export const texts = (value: unknown): string[] | undefined => {
  const list = (Array.isArray(value) ? value : [value]).filter((one) => one !== undefined && one !== null && one !== "").map(String);
  return list.length > 0 ? list : undefined;
};
export const integer = (value: unknown): number | undefined => {
  const number = Number(text(value) ?? Number.NaN);
  return Number.isInteger(number) ? number : undefined;
};
export const flag = (value: unknown): boolean | undefined => {
  const one = text(value);
  return one === "true" ? true : one === "false" ? false : undefined;
};
export const choice =
  <const T extends readonly string[]>(...among: T) =>
  (value: unknown): T[number] | undefined =>
    among.find((one) => one === text(value));

/** A time of the API. */
export const instant = (value: unknown): string | undefined => {
  const one = text(value);
  return one === undefined || Number.isNaN(Date.parse(one)) ? undefined : one;
};
