import type { ButtonHTMLAttributes } from "react";
import styles from "./Button.module.css";
import { Icon, type IconName } from "./Icon";
import { Tip } from "./Tip";

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: "main" | "plain" | "quiet" | "danger";
  icon?: IconName;
  /** Waits for an answer: shown, and not to be pressed again. */
  busy?: boolean;
  /** Why it cannot be pressed; it stays reachable, so that the reason can be read. */
  why?: string | null | undefined;
}

export function Button({ kind = "plain", icon, busy = false, why, children, className = "", onClick, ...rest }: Props) {
  const off = busy || Boolean(why) || rest.disabled === true;
  const button = (
    <button
      type="button"
      {...rest}
      disabled={rest.disabled}
      aria-disabled={off || undefined}
      aria-busy={busy || undefined}
      className={`${styles.button} ${styles[kind]} ${className}`}
      onClick={(event) => (off ? event.preventDefault() : onClick?.(event))}
    >
      {busy ? <span className={styles.spinner} /> : icon && <Icon name={icon} />}
      {children}
    </button>
  );
  return why ? <Tip text={why}>{button}</Tip> : button;
}

/** A button that is only a sign; its label is read and shown on hover and focus. */
export function IconButton({ icon, label, filled = false, ...rest }: Props & { icon: IconName; label: string; filled?: boolean }) {
  const { why, busy, kind: _, className = "", onClick, ...button } = rest;
  const off = Boolean(busy) || Boolean(why);
  return (
    <Tip text={why ?? label}>
      <button
        type="button"
        {...button}
        aria-label={label}
        aria-disabled={off || undefined}
        className={`${styles.icon} ${className}`}
        onClick={(event) => (off ? event.preventDefault() : onClick?.(event))}
      >
        {busy ? <span className={styles.spinner} /> : <Icon name={icon} filled={filled} />}
      </button>
    </Tip>
  );
}
