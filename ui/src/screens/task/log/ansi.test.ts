import { describe, expect, it } from "vitest";
import { highlight, pieces, plain } from "./ansi";

const E = "\u001B";

describe("a line with escape codes", () => {
  it("keeps colours and styles until they are taken back", () => {
    expect(pieces(`a${E}[1;31mb${E}[22mc${E}[0md`)).toEqual([
      { text: "a" },
      { text: "b", bold: true, colour: 1 },
      { text: "c", colour: 1 },
      { text: "d" },
    ]);
  });

  it("takes bright, 256 and true colours to the nearest of sixteen", () => {
    expect(pieces(`${E}[91mx`)[0]?.colour).toBe(9);
    expect(pieces(`${E}[38;5;196mx`)[0]?.colour).toBe(9);
    expect(pieces(`${E}[38;5;240mx`)[0]?.colour).toBe(8);
    expect(pieces(`${E}[38;2;0;130;0mx`)[0]?.colour).toBe(2);
    expect(pieces(`${E}[48;5;4mx`)[0]?.back).toBe(4);
  });

  it("loses what only a terminal can obey", () => {
    expect(plain(`${E}[2K${E}[1Aup${E}]0;title\u0007 ${E}[?25hdown`)).toBe("up down");
    expect(plain("10%\r50%\r100%\r")).toBe("100%");
    expect(pieces("")).toEqual([]);
  });
});

describe("what was searched for", () => {
  it("is marked, also across colours", () => {
    const marked = highlight(pieces(`an ${E}[31merr${E}[0mor here`), /error/gi);
    expect(marked.map((piece) => [piece.text, piece.hit])).toEqual([
      ["an ", false],
      ["err", true],
      ["or", true],
      [" here", false],
    ]);
  });

  it("is not marked where it is not", () => {
    expect(highlight([{ text: "abc" }], /x/g)).toEqual([{ text: "abc", hit: false }]);
    expect(highlight([{ text: "abc" }], null)).toEqual([{ text: "abc", hit: false }]);
    expect(highlight([{ text: "abc" }], /x*/g)).toEqual([{ text: "abc", hit: false }]);
  });
});
