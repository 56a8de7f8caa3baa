import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { importErrorsOfFileQuery, warningsQuery } from "@/api/dag";
import type { DagDetails } from "@/api/work";
import { useT } from "@/catalogue/use";
import { Icon } from "@/parts/Icon";
import { Time } from "@/time/Time";
import styles from "./Dag.module.css";

/** What is wrong with a DAG as a whole. */
export function Notices({ dag }: { dag: DagDetails }) {
  const t = useT();
  const errors = useQuery({ ...importErrorsOfFileQuery(dag.dag_id, dag.relative_fileloc ?? dag.fileloc), enabled: dag.has_import_errors });
  const warnings = useQuery(warningsQuery(dag.dag_id));
  return (
    <>
      {dag.has_import_errors && (
        <div className={`${styles.notice} ${styles.bad}`} role="alert">
          <Icon name="error" />
          <div className={styles.noticeText}>
            <strong>{t("dag.broken")}</strong>
            {errors.data?.map((error) => (
              <details key={error.import_error_id}>
                <summary>
                  <code>{lastLine(error.stack_trace)}</code> <Time value={error.timestamp} show="relative" still />
                </summary>
                <pre>{error.stack_trace}</pre>
              </details>
            ))}
            <Link to={"/import-errors" as string}>{t("dag.brokenMore")}</Link>
          </div>
        </div>
      )}
      {dag.is_stale && !dag.has_import_errors && (
        <div className={styles.notice}>
          <Icon name="info" />
          <div className={styles.noticeText}>{t("dag.stale")}</div>
        </div>
      )}
      {warnings.data && warnings.data.length > 0 && (
        <details className={styles.warnings}>
          <summary>
            <Icon name="error" /> {t("dag.warnings", { count: warnings.data.length })}
          </summary>
          <ul>
            {warnings.data.map((warning) => (
              <li key={`${warning.warning_type} ${warning.message}`}>{warning.message}</li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

/** The line of a Python error that says what it is. */
export function lastLine(trace: string): string {
  const lines = trace.trimEnd().split("\n");
  return lines.findLast((line) => line !== "" && !/^\s/.test(line)) ?? lines.at(-1) ?? trace;
}
