import styles from "./Switch.module.css";
import { Tip } from "./Tip";

interface Props {
  checked: boolean;
  label: string;
  busy?: boolean;
  /** Why it cannot be switched. */
  why?: string | null | undefined;
  onChange: (checked: boolean) => void;
}

export function Switch({ checked, label, busy = false, why, onChange }: Props) {
  const off = busy || Boolean(why);
  return (
    <Tip text={why ?? label}>
      <button
        type="button"
        role="switch"
        aria-checked={checked}
        aria-label={label}
        aria-disabled={off || undefined}
        aria-busy={busy || undefined}
        className={styles.switch}
        onClick={() => !off && onChange(!checked)}
      >
        <span className={styles.knob} />
      </button>
    </Tip>
  );
}
