import { expect, it } from "vitest";
import { choice, flag, integer, parseSearch, stringifySearch, text, texts } from "./search";

it("is the same after being written and read", () => {
  const search = { q: "a b&c", tags: ["x", "한글"], page: 2, off: undefined, none: "", paused: false };
  const written = stringifySearch(search);
  expect(written).toBe("?q=a+b%26c&tags=x&tags=%ED%95%9C%EA%B8%80&page=2&paused=false");
  expect(parseSearch(written)).toEqual({ q: "a b&c", tags: ["x", "한글"], page: "2", paused: "false" });
});

it("drops what is not right", () => {
  expect([text("a"), text(["a", "b"]), text("")]).toEqual(["a", "a", undefined]);
  expect([texts("a"), texts(["a", ""]), texts(undefined)]).toEqual([["a"], ["a"], undefined]);
  expect([integer("7"), integer("7.5"), integer("x"), integer(undefined)]).toEqual([7, undefined, undefined, undefined]);
  expect([flag("true"), flag("false"), flag("1")]).toEqual([true, false, undefined]);
  expect([choice("a", "b")("b"), choice("a", "b")("c")]).toEqual(["b", undefined]);
});
