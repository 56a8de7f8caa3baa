import { useState } from "react";
import { useT } from "@/catalogue/use";
import styles from "./JsonTree.module.css";

/** Members of one level that are shown at first. */
const FEW = 100;
const DEEP = 2;

/** A JSON value whose objects and lists open and close. */
export function JsonTree({ value }: { value: unknown }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls
    <div className={styles.tree} tabIndex={0} translate="no">
      <Node value={value} depth={0} />
    </div>
  );
}

function Node({ name, value, depth }: { name?: string; value: unknown; depth: number }) {
  const t = useT();
  const [all, setAll] = useState(false);
  const label = name === undefined ? null : <span className={styles.name}>{name}: </span>;
  if (typeof value !== "object" || value === null) {
    return (
      <div>
        {label}
        <Leaf value={value} />
      </div>
    );
  }
  const list = Array.isArray(value);
  const members = Object.entries(value);
  if (members.length === 0) {
    return (
      <div>
        {label}
        {list ? "[]" : "{}"}
      </div>
    );
  }
  const shown = all ? members : members.slice(0, FEW);
  return (
    <details open={depth < DEEP && members.length <= FEW}>
      <summary>
        {label}
        <span className={styles.count}>
          {list ? "[" : "{"} {t(list ? "json.items" : "json.members", { count: members.length })} {list ? "]" : "}"}
        </span>
      </summary>
      <div className={styles.members}>
        {shown.map(([key, member]) => (
          <Node key={key} name={key} value={member} depth={depth + 1} />
        ))}
        {shown.length < members.length && (
          <button type="button" className={styles.more} onClick={() => setAll(true)}>
            {t("act.moreRows", { count: members.length - shown.length })}
          </button>
        )}
      </div>
    </details>
  );
}

function Leaf({ value }: { value: unknown }) {
  if (typeof value === "string") return <span className={styles.text}>{JSON.stringify(value)}</span>;
  if (typeof value === "number") return <span className={styles.number}>{String(value)}</span>;
  return <span className={styles.constant}>{String(value)}</span>;
}
