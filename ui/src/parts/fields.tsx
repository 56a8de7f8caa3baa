import { type InputHTMLAttributes, type ReactNode, type Ref, type SelectHTMLAttributes, type TextareaHTMLAttributes, useId } from "react";
import styles from "./fields.module.css";

interface Common {
  label: ReactNode;
  hint?: ReactNode;
  error?: ReactNode;
  /** The label is read but not shown, where the place says it. */
  bare?: boolean;
}

function Frame({ label, hint, error, bare, id, children }: Common & { id: string; children: ReactNode }) {
  return (
    <div className={styles.field}>
      <label htmlFor={id} className={bare ? "visually-hidden" : styles.label}>
        {label}
      </label>
      {children}
      {hint && (
        <div id={`${id}-hint`} className={styles.hint}>
          {hint}
        </div>
      )}
      {error && (
        <div id={`${id}-error`} className={styles.error} role="alert">
          {error}
        </div>
      )}
    </div>
  );
}

const described = (id: string, { hint, error }: Common) =>
  [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;

export function TextField({ label, hint, error, bare, ...input }: Common & InputHTMLAttributes<HTMLInputElement> & { ref?: Ref<HTMLInputElement> }) {
  const made = useId();
  const id = input.id ?? made;
  const common = { label, hint, error, bare };
  return (
    <Frame {...common} id={id}>
      <input
        type="text"
        {...input}
        id={id}
        className={`${styles.input} ${input.className ?? ""}`}
        aria-invalid={error ? true : undefined}
        aria-describedby={described(id, common)}
      />
    </Frame>
  );
}

export function TextArea({ label, hint, error, bare, ...input }: Common & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const made = useId();
  const id = input.id ?? made;
  const common = { label, hint, error, bare };
  return (
    <Frame {...common} id={id}>
      <textarea
        rows={5}
        {...input}
        id={id}
        className={`${styles.input} ${styles.area} ${input.className ?? ""}`}
        aria-invalid={error ? true : undefined}
        aria-describedby={described(id, common)}
      />
    </Frame>
  );
}

export interface Option {
  value: string;
  label: string;
}

export function SelectField({ label, hint, error, bare, options, ...select }: Common & SelectHTMLAttributes<HTMLSelectElement> & { options: readonly Option[] }) {
  const made = useId();
  const id = select.id ?? made;
  const common = { label, hint, error, bare };
  return (
    <Frame {...common} id={id}>
      <select
        {...select}
        id={id}
        className={`${styles.input} ${styles.select} ${select.className ?? ""}`}
        aria-invalid={error ? true : undefined}
        aria-describedby={described(id, common)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </Frame>
  );
}

export function CheckField({ label, hint, ...input }: Omit<Common, "bare" | "error"> & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  return (
    <div className={styles.check}>
      <input type="checkbox" {...input} id={id} aria-describedby={hint ? `${id}-hint` : undefined} />
      <div>
        <label htmlFor={id}>{label}</label>
        {hint && (
          <div id={`${id}-hint`} className={styles.hint}>
            {hint}
          </div>
        )}
      </div>
    </div>
  );
}

/** A few choices side by side, one of which holds. */
export function Choices({ label, bare, value, options, onChange }: { label: string; bare?: boolean; value: string; options: readonly Option[]; onChange: (value: string) => void }) {
  const name = useId();
  return (
    <fieldset className={styles.choices}>
      <legend className={bare ? "visually-hidden" : styles.label}>{label}</legend>
      <div className={styles.segments}>
        {options.map((option) => (
          <label key={option.value} className={styles.segment}>
            <input type="radio" name={name} value={option.value} checked={option.value === value} onChange={() => onChange(option.value)} />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
