/** Where a text is no JSON, in the words of the browser; `null` for what is JSON. */
export function jsonProblem(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Whether a text means to be JSON of more than one value: an object or a list. */
export const looksLikeJson = (text: string): boolean => /^\s*[[{]/.test(text);

/** The same JSON over several lines; other text as it is. */
export function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
