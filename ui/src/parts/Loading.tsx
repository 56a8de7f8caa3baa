import { useT } from "@/catalogue/use";
import styles from "./Loading.module.css";

/** Grey lines where text will be; shown only when it takes longer than a moment. */
export function Loading({ lines = 3 }: { lines?: number }) {
  const t = useT();
  return (
    <div className={styles.loading} role="status" data-loading>
      <span className="visually-hidden">{t("common.loading")}</span>
      {Array.from({ length: lines }, (_, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- lines have nothing else
        <div key={index} className={styles.line} />
      ))}
    </div>
  );
}
