/** One frame of a traceback: where, and the line of the source that stood there. */
export interface Frame {
  file: string;
  line: number;
  name: string | null;
  source: string | null;
  /** Where in `source` the marks under it begin and end. */
  marked: [number, number] | null;
}

export interface Trace {
  frames: Frame[];
  /** `ModuleNotFoundError: No module named 'x'` */
  summary: string;
  /** The last frame in the file itself: the place to look at. */
  place: Frame | null;
}

const FRAME = /^ {2}File "(.+?)", line (\d+)(?:, in (.+))?$/;
const MARKS = /^[\s^~]*[\^~][\s^~]*$/;

/** Reads a traceback of Python as it is written. */
export function readTrace(text: string, filename: string): Trace {
  const lines = text.replace(/\s+$/, "").split("\n");
  const frames: Frame[] = [];
  for (const [index, line] of lines.entries()) {
    const head = FRAME.exec(line);
    if (!head) continue;
    const code = lines[index + 1];
    const source = code?.startsWith("    ") && !FRAME.test(code) ? code.slice(4) : null;
    const under = source === null ? undefined : lines[index + 2];
    frames.push({
      file: head[1] ?? "",
      line: Number(head[2]),
      name: head[3] ?? null,
      source,
      marked: under && MARKS.test(under) ? marks(under.slice(4)) : null,
    });
  }
  const own = frames.filter((frame) => frame.file === filename || frame.file.endsWith(`/${filename}`));
  return { frames, summary: summary(lines), place: own.at(-1) ?? frames.at(-1) ?? null };
}

function marks(under: string): [number, number] | null {
  const first = under.search(/[\^~]/);
  return first < 0 ? null : [first, under.trimEnd().length];
}

/** The last line that begins at the margin names the error; what follows belongs to it. */
function summary(lines: readonly string[]): string {
  const at = lines.findLastIndex((line) => /^\S/.test(line) && !line.startsWith("Traceback"));
  return at < 0 ? (lines.at(-1) ?? "") : lines.slice(at).join("\n");
}
