import { stateShapes } from "@/parts/State";
import { type State, states } from "@/parts/states";
import { CELL } from "./window";

/** A square within its cell. */
export const SQUARE = 18;
const INSET = (CELL - SQUARE) / 2;

/** The squares of all states in the colours of now, drawn once and copied from then on. */
export interface Sprites {
  scale: number;
  draw(context: CanvasRenderingContext2D, state: State, x: number, y: number): void;
  drawMany(context: CanvasRenderingContext2D, state: State, counts: readonly (readonly [State, number])[], total: number, x: number, y: number): void;
  drawAbsent(context: CanvasRenderingContext2D, x: number, y: number): void;
  drawNote(context: CanvasRenderingContext2D, x: number, y: number): void;
}

/** States that wait are drawn in outline: they are not confused with what has happened. */
const WAITING: readonly State[] = ["queued", "scheduled", "none", "removed", "deferred", "awaiting_input", "up_for_reschedule"];

export function makeSprites(scale: number): Sprites {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const surface = colour("--surface");
  const line = colour("--line");
  const sheet = document.createElement("canvas");
  const size = CELL * scale;
  sheet.width = size * states.length * 2;
  sheet.height = size;
  const pen = sheet.getContext("2d");
  const glyph = (context: CanvasRenderingContext2D, state: State, x: number, stroke: string) => {
    context.save();
    context.translate(x + CELL / 2 - 6, CELL / 2 - 6);
    context.scale(0.75, 0.75);
    context.lineWidth = 2.2;
    context.lineCap = "round";
    context.lineJoin = "round";
    context.strokeStyle = stroke;
    const path = new Path2D(stateShapes[state]);
    if (state === "running") {
      context.fillStyle = stroke;
      // oxlint-disable-next-line unicorn/no-array-fill-with-reference-type -- of a canvas, not of an array
      context.fill(path);
    }
    context.stroke(path);
    context.restore();
  };
  if (pen) {
    pen.scale(scale, scale);
    states.forEach((state, index) => {
      const x = index * CELL;
      const own = colour(`--state-${state}`);
      pen.beginPath();
      pen.roundRect(x + INSET + 0.5, INSET + 0.5, SQUARE - 1, SQUARE - 1, 4);
      if (WAITING.includes(state)) {
        pen.fillStyle = colour(`--state-${state}-soft`);
        pen.fill();
        pen.strokeStyle = own;
        pen.lineWidth = 1;
        pen.stroke();
      } else {
        pen.fillStyle = own;
        pen.fill();
      }
      if (state !== "none") glyph(pen, state, x, WAITING.includes(state) ? colour(`--state-${state}-text`) : surface);
      // Second half of the sheet: the sign alone, for squares that show several states.
      if (state !== "none") glyph(pen, state, x + CELL * states.length, surface);
    });
  }
  const copy = (context: CanvasRenderingContext2D, index: number, x: number, y: number) =>
    context.drawImage(sheet, index * size, 0, size, size, x, y, CELL, CELL);
  const fills = Object.fromEntries(states.map((state) => [state, colour(`--state-${state}`)])) as Record<State, string>;
  return {
    scale,
    draw: (context, state, x, y) => copy(context, states.indexOf(state), x, y),
    drawMany(context, state, counts, total, x, y) {
      context.save();
      context.beginPath();
      context.roundRect(x + INSET, y + INSET, SQUARE, SQUARE, 4);
      context.clip();
      let at = x + INSET;
      // Every state is seen, however few are in it.
      const least = 2;
      const rest = SQUARE - least * counts.length;
      for (const [one, count] of counts) {
        const width = least + (rest * count) / total;
        context.fillStyle = fills[one];
        context.fillRect(at, y + INSET, width + 0.5, SQUARE);
        at += width;
      }
      context.restore();
      copy(context, states.length + states.indexOf(state), x, y);
    },
    drawAbsent(context, x, y) {
      context.strokeStyle = line;
      context.lineWidth = 1.5;
      context.beginPath();
      context.moveTo(x + CELL / 2 - 3, y + CELL / 2 + 3);
      context.lineTo(x + CELL / 2 + 3, y + CELL / 2 - 3);
      context.stroke();
    },
    drawNote(context, x, y) {
      context.fillStyle = surface;
      context.beginPath();
      context.arc(x + CELL - INSET - 2, y + INSET + 2, 4, 0, 7);
      context.fill();
      context.fillStyle = colour("--text");
      context.beginPath();
      context.arc(x + CELL - INSET - 2, y + INSET + 2, 2.5, 0, 7);
      context.fill();
    },
  };
}
