import { describe, expect, it } from "vitest";
import type { Query } from "@/api/client";
import { nextMatch, previousMatch } from "./seek";
import type { SearchAnswer } from "./source";

/** A file of `total` lines with matches at `hits`, of which one answer looks through `pace` lines. */
function file(total: number, hits: readonly number[], pace: number) {
  let asked = 0;
  const ask = async (query: Query): Promise<SearchAnswer> => {
    asked += 1;
    const after = Number(query.after_line);
    const matches: SearchAnswer["matches"] = [];
    const stop = Math.min(total, after + pace);
    for (const n of hits) {
      if (n > after && n <= stop && matches.length < Number(query.limit)) matches.push({ n, text: "" });
    }
    const full = matches.length === Number(query.limit);
    const next_after = full ? (matches.at(-1)?.n ?? stop) : stop;
    return { matches, next_after, done: !full && stop === total };
  };
  return { ask, count: () => asked };
}

describe("the next match", () => {
  it("is found over several answers, or not at all", async () => {
    const { ask } = file(100_000, [70_000], 20_000);
    expect(await nextMatch(ask, 0)).toBe(70_000);
    expect(await nextMatch(ask, 70_000)).toBeNull();
  });
});

describe("the previous match", () => {
  it("is the nearest one before", async () => {
    const { ask } = file(100_000, [10, 500, 60_000, 60_001], 20_000);
    expect(await previousMatch(ask, 60_001)).toBe(60_000);
    expect(await previousMatch(ask, 60_000)).toBe(500);
    expect(await previousMatch(ask, 500)).toBe(10);
    expect(await previousMatch(ask, 10)).toBeNull();
    expect(await previousMatch(ask, 100_001)).toBe(60_001);
  });

  it("is found among very many, in few answers", async () => {
    const many = Array.from({ length: 50_000 }, (_, at) => at * 2 + 1);
    const { ask, count } = file(100_000, many, 100_000);
    expect(await previousMatch(ask, 80_000)).toBe(79_999);
    expect(count()).toBeLessThanOrEqual(4);
  });
});
