/** What a piece of Python source is, for its colour. */
export type Kind = "plain" | "comment" | "string" | "number" | "keyword" | "name" | "decorator";
export interface Token {
  kind: Kind;
  text: string;
}

const KEYWORDS = new Set(
  (
    "False None True and as assert async await break case class continue def del elif else except finally for from global if import in is " +
    "lambda match nonlocal not or pass raise return try type while with yield"
  ).split(" "),
);
// Words that are keywords only at the beginning of a statement.
const SOFT = new Set(["match", "case", "type"]);

const TRIPLE = /^[A-Za-z]{0,2}("""|''')/;
const STRING = /^[A-Za-z]{0,2}("(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?)/;
const NUMBER = /^(?:0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*)?\.?\d[\d_]*(?:[eE][+-]?\d+)?[jJ]?)/;
const WORD = /^[\p{L}_][\p{L}\p{N}_]*/u;

/** Source as lines of pieces. Texts joined again are the source; it need not be right Python. */
export function tokenize(source: string): Token[][] {
  const lines: Token[][] = [];
  /** The quotes of a text that goes on over several lines. */
  let open: string | null = null;
  for (const line of source.split("\n")) {
    const tokens: Token[] = [];
    let rest = line;
    let before: string | null = null;
    const take = (kind: Kind, length: number) => {
      const text = rest.slice(0, length);
      const last = tokens.at(-1);
      if (last?.kind === kind && kind === "plain") last.text += text;
      else tokens.push({ kind, text });
      rest = rest.slice(length);
    };
    if (open) {
      const end = closing(rest, open);
      take("string", end ?? rest.length);
      if (end !== null) open = null;
    }
    for (;;) {
      if (rest === "" || open) break;
      const triple = TRIPLE.exec(rest);
      const string = triple ? null : STRING.exec(rest);
      const first = rest[0] ?? "";
      if (triple?.[1]) {
        const start = triple[0].length;
        const end = closing(rest.slice(start), triple[1]);
        if (end === null) open = triple[1];
        take("string", end === null ? rest.length : start + end);
      } else if (string) take("string", string[0].length);
      else if (first === "#") take("comment", rest.length);
      else if (first === "@" && tokens.every((token) => token.text.trim() === "")) take("decorator", /^@[\w.]*/.exec(rest)?.[0].length ?? 1);
      else if (/\d/.test(first)) take("number", NUMBER.exec(rest)?.[0].length ?? 1);
      else {
        const word = WORD.exec(rest)?.[0];
        if (word) {
          take(kindOf(word, before, tokens, rest.slice(word.length)), word.length);
          before = word;
        } else take("plain", 1);
      }
    }
    lines.push(tokens);
  }
  return lines;
}

function kindOf(word: string, before: string | null, tokens: readonly Token[], after: string): Kind {
  if (before === "def" || before === "class") return "name";
  if (!KEYWORDS.has(word)) return "plain";
  const begins = tokens.every((token) => token.text.trim() === "");
  return SOFT.has(word) && !(begins && /^\s+[^\s=.,)]/.test(after)) ? "plain" : "keyword";
}

/** Where a text with these quotes ends, behind them. */
function closing(text: string, quotes: string): number | null {
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text.startsWith(quotes, at)) return at + quotes.length;
  }
  return null;
}

/** The line on which a task is defined, counted from 1: where its id is given, or a function of its name. */
export function lineOfTask(lines: readonly string[], taskId: string): number | null {
  const name = (taskId.split(".").at(-1) ?? taskId).replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const patterns = [new RegExp(`task_id\\s*=\\s*["']${name}["']`), new RegExp(`^\\s*(?:async\\s+)?def\\s+${name}\\s*\\(`), new RegExp(`["']${name}["']`)];
  for (const pattern of patterns) {
    const found = lines.findIndex((line) => pattern.test(line));
    if (found >= 0) return found + 1;
  }
  return null;
}
