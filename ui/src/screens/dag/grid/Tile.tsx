import { memo, useLayoutEffect, useRef } from "react";
import type { GridRun } from "@/api/types";
import styles from "./Grid.module.css";
import { type Row, squareOf } from "./model";
import type { Sprites } from "./sprites";
import { CELL } from "./window";

interface Props {
  rows: readonly Row[];
  runs: readonly GridRun[];
  sprites: Sprites;
  left: number;
  top: number;
}

const same = <T,>(a: readonly T[], b: readonly T[]) => a.length === b.length && a.every((one, index) => one === b[index]);

/** A piece of the grid's squares: drawn when it comes into view, and again when one of its runs or rows changes. */
export const Tile = memo(
  function Tile({ rows, runs, sprites, left, top }: Props) {
    const canvas = useRef<HTMLCanvasElement>(null);
    const width = runs.length * CELL;
    const height = rows.length * CELL;
    useLayoutEffect(() => {
      const element = canvas.current;
      const context = element?.getContext("2d");
      if (!element || !context) return;
      element.width = Math.ceil(width * sprites.scale);
      element.height = Math.ceil(height * sprites.scale);
      context.scale(sprites.scale, sprites.scale);
      runs.forEach((run, column) => rows.forEach((row, line) => paint(context, sprites, row, run, column * CELL, line * CELL)));
    }, [rows, runs, sprites, width, height]);
    return <canvas ref={canvas} className={styles.tile} style={{ left, top, width, height }} />;
  },
  (a, b) => a.left === b.left && a.top === b.top && a.sprites === b.sprites && same(a.rows, b.rows) && same(a.runs, b.runs),
);

function paint(context: CanvasRenderingContext2D, sprites: Sprites, row: Row, run: GridRun, x: number, y: number): void {
  const square = squareOf(row, run);
  if (!square) {
    if (row.kind === "task" && run.state !== "queued") sprites.drawAbsent(context, x, y);
    return;
  }
  if (square.counts.length > 1) sprites.drawMany(context, square.state, square.counts, square.total, x, y);
  else sprites.draw(context, square.state, x, y);
  if (square.note) sprites.drawNote(context, x, y);
}
