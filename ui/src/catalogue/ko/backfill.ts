import type { backfill as english } from "../en/backfill";
import type { Translation } from "../types";

export const backfill: Translation<typeof english> = {
  open: "백필",
  title: "일정의 한 구간 실행",
  hint: "구간 안의 일정 날짜를 실행합니다. 이 DAG의 다른 실행이 먼저이며, 아래 한도에는 포함되지 않습니다.",
  from: "첫날",
  to: "마지막 날",
  reversed: "마지막 날이 첫날보다 앞섭니다",
  limit: "동시 실행 한도",
  behavior: "이미 실행이 있는 날짜",
  none: "그대로 두기",
  failed: "실패한 것만 다시 실행",
  completed: "모두 다시 실행",
  choose: "첫날과 마지막 날을 고르면 실행할 날짜가 여기에 표시됩니다.",
  backwards: "최근 날짜부터",
  dates: { zero: "실행할 날짜가 없습니다", other: "{count}개 날짜를 실행합니다" },
  more: { other: "외 {count}개" },
  start: { zero: "실행", other: "{count}개 날짜 실행" },
  made: { other: "{count}개 날짜의 백필을 시작했습니다." },
  active: "백필 진행 중",
  isPaused: "백필 일시 중지됨",
  progress: "{all}개 중 {done}개 완료",
  failedRuns: { other: "{count}개 실패" },
  pause: "일시 중지",
  resume: "재개",
  cancel: "백필 끝내기",
};
