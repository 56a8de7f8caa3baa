import { useT } from "@/catalogue/use";
import { CheckField } from "@/parts/fields";
import styles from "./dialogs.module.css";
import type { Reach } from "./targets";

interface Option {
  label: string;
  hint?: string;
  checked: boolean;
  set: (checked: boolean) => void;
}

/** Some choices that each hold or not. */
export function Options({ legend, options }: { legend: string; options: readonly Option[] }) {
  return (
    <fieldset className={styles.group}>
      <legend className={styles.legend}>{legend}</legend>
      <div className={styles.options}>
        {options.map(({ label, hint, checked, set }) => (
          <CheckField key={label} label={label} hint={hint} checked={checked} onChange={(event) => set(event.target.checked)} />
        ))}
      </div>
    </fieldset>
  );
}

/** Which other runs and tasks are meant too. */
export function ReachOptions({ value, onChange }: { value: Reach; onChange: (change: Partial<Reach>) => void }) {
  const t = useT();
  return (
    <Options
      legend={t("act.also")}
      options={[
        { label: t("act.past"), checked: value.past, set: (past) => onChange({ past }) },
        { label: t("act.future"), checked: value.future, set: (future) => onChange({ future }) },
        { label: t("act.upstream"), checked: value.upstream, set: (upstream) => onChange({ upstream }) },
        { label: t("act.downstream"), checked: value.downstream, set: (downstream) => onChange({ downstream }) },
      ]}
    />
  );
}
