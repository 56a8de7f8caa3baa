import { ApiError } from "@/api/error";
import { useT } from "@/catalogue/use";
import { Button } from "./Button";
import { Icon } from "./Icon";
import styles from "./Failed.module.css";

/** What failed, with the facts of the request, and a way to try again. */
export function Failed({ error, retry }: { error: unknown; retry?: (() => void) | undefined }) {
  const t = useT();
  const api = error instanceof ApiError ? error : null;
  const words = api ? (api.status === 0 ? t("failed.noAnswer") : api.detail) : error instanceof Error ? error.message : String(error);
  const hint =
    api?.status === 404 ? t("failed.missing") : api?.status === 403 ? t("failed.forbidden") : api?.transient ? t("failed.transient") : null;
  return (
    <div className={styles.failed} role="alert">
      <Icon name="error" />
      <div className={styles.text}>
        <strong>{t("failed.title")}</strong>
        <p>{words}</p>
        {hint && <p className="soft">{hint}</p>}
        {api && (
          <code className={styles.facts}>
            {api.method} {api.path} {api.status || ""}
          </code>
        )}
        {retry && (
          <Button icon="refresh" onClick={retry}>
            {t("failed.retry")}
          </Button>
        )}
      </div>
    </div>
  );
}
