import type { exchange as english } from "../en/exchange";
import type { Translation } from "../types";

export const exchange: Translation<typeof english> = {
  exchange: {
    import: "가져오기",
    export: "내보내기",
    importTitle: { connections: "연결 가져오기", variables: "변수 가져오기" },
    exportTitle: { connections: "연결 내보내기", variables: "변수 내보내기" },
    file: "가져올 파일",
    choose: "파일 선택",
    drop: "또는 여기에 끌어다 놓기",
    form: {
      connections: "명령줄이 쓰는 것과 같은 JSON: 연결 ID마다 conn_type, host 등의 객체 또는 URI.",
      variables: "명령줄이 쓰는 것과 같은 JSON: 키와 값의 객체.",
    },
    found: "새로 추가 {fresh}개, 이미 있음 {existing}개.",
    existing: "이미 있는 항목",
    onExisting: "이미 있는 항목은",
    keep: "그대로 두기",
    replace: "바꾸기",
    importCount: { other: "{count}개 가져오기" },
    done: {
      connections: { other: "연결 {count}개를 가져왔습니다" },
      variables: { other: "변수 {count}개를 가져왔습니다" },
    },
    partly: "가져온 항목 {done}개, 가져오지 못한 항목 {failed}개.",
    count: { zero: "내보낼 것이 없습니다.", other: "파일에 항목 {count}개가 담깁니다." },
    without: {
      connections: "비밀 값은 이 화면으로 서버를 떠나지 않습니다. 다음 연결은 비밀번호나 숨긴 값이 빠집니다:",
      variables: "비밀 값은 이 화면으로 서버를 떠나지 않습니다. 다음 변수는 숨긴 값이 빠집니다:",
    },
    withoutNames: "비밀 값이 빠지는 항목",
    whole: "모두 담긴 파일은 서버에서 만들 수 있습니다:",
    save: "{file} 저장",
    wrong: {
      json: "JSON 파일이 아닙니다: {words}",
      object: "파일에는 이름과 값으로 된 객체 하나가 있어야 합니다.",
      entry: "{name}: 객체나 URI여야 합니다.",
      field: "{name}: “{words}” 필드는 없습니다. conn_type, description, login, password, host, port, schema, extra를 쓸 수 있습니다.",
      type: "{name}: conn_type이 없습니다.",
      uri: "{name}: postgres://login:password@host:5432/schema와 같은 URI가 아닙니다.",
    },
  },
};
