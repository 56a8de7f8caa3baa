import type { cluster as english } from "../en/cluster";
import type { Translation } from "../types";

export const cluster: Translation<typeof english> = {
  title: "클러스터",
  processes: "프로세스",
  lead: "최근 10분 안에 신호를 보낸 모든 프로세스입니다.",
  kind: "구성 요소",
  host: "호스트",
  pid: "프로세스",
  version: "버전",
  since: "시작",
  beat: "마지막 신호",
  state: "상태",
  healthy: "정상",
  lost: "응답 없음",
  pools: "풀",
};
