import { type Anchor, atRatio, clamp, end, move, range, ratioOf } from "./anchor";
import type { Jump, LogModel } from "./model";

/** How high a row is that was not drawn yet. */
export const ROW = 20;
const OVER = 12;

export interface Drawn {
  first: number;
  stop: number;
  lead: number;
}

/** Where the view of a log stands, and how high the rows are that it has drawn. */
export class Placement {
  anchor: Anchor = { row: 0, offset: 0 };
  /** What the scroll bar was told or has told last. */
  told = 0;
  readonly #heights = new Map<number, number>();
  #shape = "";
  #jump: Jump | null = null;
  /** Where the model asked to go: kept until the reader scrolls, for rows are measured only when they are drawn. */
  #target: Jump["to"] | null = null;

  heightOf = (row: number): number => this.#heights.get(row) ?? ROW;

  /** Before drawing: takes in what the model asks for. `shape` names what decides how high rows are. */
  prepare(model: LogModel, view: number, shape: string): Drawn {
    const count = model.rows;
    if (shape !== this.#shape) {
      this.#shape = shape;
      this.#heights.clear();
    }
    const shifted = model.takeShift();
    if (shifted !== 0) {
      this.anchor = { ...this.anchor, row: Math.max(0, this.anchor.row + shifted) };
      this.#heights.clear();
    }
    if (model.jump && model.jump !== this.#jump && count > 0) {
      this.#jump = model.jump;
      this.#target = model.jump.to;
    }
    this.#aim(model, view);
    return this.drawn(view, count);
  }

  #aim(model: LogModel, view: number): void {
    const count = model.rows;
    if (model.following || this.#target === "end") this.anchor = end(view, this.heightOf, count);
    else if (this.#target !== null) this.anchor = move({ row: model.rowOf(this.#target), offset: 0 }, -view / 3, this.heightOf, count);
  }

  drawn(view: number, count: number): Drawn {
    return range(this.anchor, view, this.heightOf, count, OVER);
  }

  /** Takes the heights of the rows as they were drawn; whether any was another. */
  measure(first: number, heights: readonly number[]): boolean {
    let changed = false;
    for (const [at, height] of heights.entries()) {
      if (height <= 0 || Math.abs(this.heightOf(first + at) - height) <= 0.5) continue;
      this.#heights.set(first + at, height);
      changed = true;
    }
    return changed;
  }

  /** With what is measured now: no lower than the end, and at the end when lines are followed. */
  settle(model: LogModel, view: number): void {
    this.#aim(model, view);
    this.anchor = clamp(this.anchor, view, this.heightOf, model.rows);
  }

  /** The scroll bar was moved: by a little, or somewhere else. */
  scroll(top: number, most: number, view: number, count: number): void {
    const by = top - this.told;
    this.told = top;
    this.#target = null;
    this.anchor =
      Math.abs(by) <= view * 1.5
        ? clamp(move(this.anchor, by, this.heightOf, count), view, this.heightOf, count)
        : atRatio(top / Math.max(1, most), view, this.heightOf, count);
  }

  ratio(view: number, count: number): number {
    return ratioOf(this.anchor, view, this.heightOf, count);
  }

  /** Where the scroll bar belongs, of `most` at the end. */
  tell(most: number, view: number, count: number): number {
    this.told = Math.round(this.ratio(view, count) * most);
    return this.told;
  }

  get atStart(): boolean {
    return this.anchor.row === 0 && this.anchor.offset === 0;
  }
}
