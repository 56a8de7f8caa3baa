import type { TaskInstance } from "@/api/work";
import { useT } from "@/catalogue/use";
import { CopyButton } from "@/parts/CopyButton";
import { Empty } from "@/parts/Empty";
import { JsonTree } from "@/parts/JsonTree";
import styles from "./Task.module.css";

/** The fields of a task after their templates were filled; secrets are masked by the worker. */
export function Rendered({ task }: { task: TaskInstance }) {
  const t = useT();
  const fields = Object.entries(task.rendered_fields);
  if (fields.length === 0) return <Empty title={t("task.noRendered")}>{t("task.noRenderedHint")}</Empty>;
  return (
    <div className="stack">
      {fields.map(([name, value]) => (
        <section key={name} className={styles.field}>
          <header>
            <h2 className="mono" translate="no">{name}</h2>
            <CopyButton text={typeof value === "string" ? value : JSON.stringify(value, null, 2)} />
          </header>
          {typeof value === "object" && value !== null ? (
            <JsonTree value={value} />
          ) : (
            // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls
            <pre className={styles.code} tabIndex={0} translate="no">
              {String(value)}
            </pre>
          )}
        </section>
      ))}
    </div>
  );
}
