import { useT } from "@/catalogue/use";
import { Button } from "./Button";
import styles from "./table.module.css";

interface Props {
  shown: number;
  total: number;
  more: (() => void) | null;
  busy: boolean;
}

/** Under a list: how much of it is shown, and a way to the rest. */
export function MoreRows({ shown, total, more, busy }: Props) {
  const t = useT();
  return (
    <div className={styles.foot}>
      <span role="status">{t("common.of", { shown, total })}</span>
      {more && (
        <Button busy={busy} onClick={more}>
          {t("common.moreRows")}
        </Button>
      )}
    </div>
  );
}
