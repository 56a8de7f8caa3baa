import type { cluster as english } from "../en/cluster";
import type { Translation } from "../types";

export const cluster: Translation<typeof english> = {
  title: "클러스터",
  processes: "프로세스",
  lead: "최근 10분 안에 신호를 보낸 모든 프로세스입니다.",
  kind: "구성 요소",
  host: "호스트",
  version: "버전",
  since: "시작",
  beat: "마지막 신호",
  state: "상태",
  work: "하는 일",
  queue: "대기열",
  loop: "루프",
  term: "임기",
  healthy: "정상",
  standby: "대기 중",
  stalled: "{seconds}초 동안 작업하지 않음",
  silent: "신호 없음",
  lost: "응답 없음",
  schedules: "실행 {runs}개, 대기 중인 작업 {waiting}개",
  works: "슬롯 {slots}개 중 {running}개 사용",
  parses: "파일 {files}개, DAG {dags}개",
  pools: "풀",
};
