import type { Connection } from "@/api/keyed";
import { useT } from "@/catalogue/use";
import { CheckField, TextField } from "@/parts/fields";
import type { Draft } from "./draft";
import type { Kind } from "./kinds";
import styles from "./Connections.module.css";

interface Props {
  draft: Draft;
  connection: Connection | null;
  kind: Kind | undefined;
  wrong: Record<string, string | undefined>;
  onChange: (some: Partial<Draft>) => void;
}

type Name = "host" | "port" | "schema" | "login" | "password";

export const isPort = (text: string) => text.trim() === "" || (/^\d{1,5}$/.test(text.trim()) && Number(text) <= 65535);

/** Host, port, schema, login and password, as far as they mean something for the type, under the names they have there. */
export function UsualFields({ draft, connection, kind, wrong, onChange }: Props) {
  const t = useT();
  // What holds a value is shown whatever the type says.
  const shows = (name: Name) => !kind?.hidden_fields.includes(name) || draft[name] !== "" || (name === "password" && Boolean(connection?.password));
  const label = (name: Name) => (kind?.relabeling[name] ? <span translate="no">{kind.relabeling[name]}</span> : t(`connections.${name}`));
  const text = (name: "host" | "schema" | "login") =>
    shows(name) && (
      <TextField
        key={name}
        label={label(name)}
        autoComplete="off"
        value={draft[name]}
        placeholder={kind?.placeholders[name]}
        error={wrong[name]}
        onChange={(event) => onChange({ [name]: event.target.value })}
      />
    );
  return (
    <>
      <div className={shows("host") && shows("port") ? styles.hostPort : "stack"}>
        {text("host")}
        {shows("port") && (
          <TextField
            label={label("port")}
            inputMode="numeric"
            value={draft.port}
            placeholder={kind?.placeholders.port}
            error={isPort(draft.port) ? wrong.port : t("connections.badPort")}
            onChange={(event) => onChange({ port: event.target.value })}
          />
        )}
      </div>
      {text("schema")}
      <div className={styles.pair}>
        {text("login")}
        {shows("password") && (
          <TextField
            label={label("password")}
            type="password"
            autoComplete="new-password"
            value={draft.password}
            disabled={draft.dropPassword}
            placeholder={connection?.password ? t("keyed.unchanged") : (kind?.placeholders.password ?? "")}
            hint={connection?.password ? t("keyed.keptSecret") : undefined}
            error={wrong.password}
            onChange={(event) => onChange({ password: event.target.value })}
          />
        )}
      </div>
      {connection?.password && (
        <CheckField label={t("connections.dropPassword")} checked={draft.dropPassword} onChange={(event) => onChange({ dropPassword: event.target.checked, password: "" })} />
      )}
    </>
  );
}
