import { expect, it } from "vitest";
import { chooseParticles } from "./particles";

it("chooses the particle by the sound before it", () => {
  expect(["실패(으)로", "성공(으)로", "건너뜀(으)로", "서울(으)로"].map(chooseParticles)).toEqual(["실패로", "성공으로", "건너뜀으로", "서울로"]);
  expect(["풀을(를)", "메모을(를)", "작업이(가)", "메모이(가)", "풀은(는)", "메모와(과)"].map(chooseParticles)).toEqual(["풀을", "메모를", "작업이", "메모가", "풀은", "메모와"]);
  expect(["3을(를)", "2이(가)", "7(으)로", "10은(는)"].map(chooseParticles)).toEqual(["3을", "2가", "7로", "10은"]);
});

it("leaves both where it cannot be known", () => {
  expect(chooseParticles("XCom return_value을(를) 삭제했습니다")).toBe("XCom return_value을(를) 삭제했습니다");
  expect(chooseParticles("past_waits(실패)(으)로")).toBe("past_waits(실패)(으)로");
});
