import { Link } from "@tanstack/react-router";
import type { Home } from "@/api/types";
import { useT } from "@/catalogue/use";
import { Icon } from "@/parts/Icon";
import { Card } from "@/parts/Page";
import { Time } from "@/time/Time";
import styles from "./Home.module.css";

/** The last part of a path: the folders are the same for most. */
const short = (path: string): string => path.split("/").slice(-2).join("/");

export function ImportErrors({ errors }: { errors: Home["import_errors"] }) {
  const t = useT();
  return (
    <Card title={t("home.errors")} flush>
      {errors.length === 0 ? (
        <p className={styles.fine}>
          <Icon name="check" />
          {t("home.noErrors")}
        </p>
      ) : (
        <ul className={styles.list}>
          {errors.map((error) => (
            <li key={error.id}>
              <div className={styles.line}>
                <div className="row">
                  <Link to={"/import-errors" as "/"} className={styles.main} title={error.filename}>
                    {short(error.filename)}
                  </Link>
                  {error.line !== null && <span className="soft small">{t("home.line", { line: error.line })}</span>}
                </div>
                <span className="small">
                  <Time value={error.timestamp} show="relative" />
                </span>
              </div>
              <code className={styles.error} title={error.summary}>
                {error.summary}
              </code>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
