import { MASK } from "@/api/keyed";
import { useT } from "@/catalogue/use";
import { CheckField, SelectField, TextField } from "@/parts/fields";
import { type Kind, type KindField, keyOf, objectOf, shownValue, withValue } from "./kinds";

interface Props {
  kind: Kind;
  extra: string;
  onChange: (extra: string) => void;
}

/** The keys of the extra that a type of connection has fields for. */
export function KindFields({ kind, extra, onChange }: Props) {
  const t = useT();
  const object = objectOf(extra);
  if (kind.fields.length === 0) return null;
  return (
    <fieldset className="stack" disabled={object === null}>
      <legend>{t("connections.ofType", { name: kind.hook_name })}</legend>
      {kind.fields.map((field) => {
        const key = keyOf(kind, field, object ?? {});
        const set = (value: string | boolean) => onChange(withValue(extra, key, field, value));
        return <One key={field.name} field={field} value={object?.[key]} placeholder={kind.placeholders[field.name]} onChange={set} />;
      })}
    </fieldset>
  );
}

function One({ field, value, placeholder, onChange }: { field: KindField; value: unknown; placeholder: string | undefined; onChange: (value: string | boolean) => void }) {
  const t = useT();
  const label = <span translate="no">{field.label}</span>;
  const hint = field.description && <span translate="no">{field.description}</span>;
  if (field.type === "boolean") return <CheckField label={label} hint={hint} checked={value === true || value === "true"} onChange={(event) => onChange(event.target.checked)} />;
  const shown = shownValue(value);
  if (field.options.length > 0) {
    const options = ["", ...field.options].map((option) => ({ value: option, label: option }));
    return <SelectField label={label} hint={hint} value={shown} options={options} onChange={(event) => onChange(event.target.value)} />;
  }
  return (
    <TextField
      label={label}
      hint={hint}
      value={shown}
      type={field.secret ? "password" : "text"}
      inputMode={field.type === "string" ? undefined : "decimal"}
      autoComplete={field.secret ? "new-password" : "off"}
      placeholder={value === MASK ? t("keyed.unchanged") : placeholder}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
