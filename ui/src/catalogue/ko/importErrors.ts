import type { importErrors as english } from "../en/importErrors";
import type { Translation } from "../types";

export const importErrors: Translation<typeof english> = {
  title: "가져오기 오류",
  hint: "DAG 폴더에서 읽지 못한 파일입니다. 해당 DAG는 이전 상태 그대로 남아 있습니다.",
  search: "파일 검색",
  empty: "모든 파일을 읽을 수 있습니다",
  since: "발생 시각",
  trace: "전체 트레이스백",
  warnings: "경고",
  noWarnings: "경고가 없습니다",
  warning: "경고",
  kind: "종류",
  dags: "DAG",
  kindDeprecation: "예전 이름",
  kindPool: "없는 풀",
  kindAsset: "애셋 충돌",
  kindVarying: "실행할 때마다 바뀌는 값",
};
