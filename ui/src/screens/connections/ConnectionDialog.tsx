import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "@/api/client";
import { ApiError } from "@/api/error";
import type { Connection } from "@/api/keyed";
import { useT } from "@/catalogue/use";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Failed } from "@/parts/Failed";
import { CheckField, TextArea, TextField } from "@/parts/fields";
import { jsonProblem, pretty } from "@/parts/json";
import { notify } from "@/parts/notices";
import { connectionBody, type Draft, draftOf } from "./draft";
import styles from "./Connections.module.css";

/** Types people use most; any other may be typed. */
const TYPES = ["aws", "azure", "fs", "ftp", "google_cloud_platform", "http", "jdbc", "kubernetes", "mssql", "mysql", "oracle", "postgres", "redis", "sftp", "slack", "smtp", "snowflake", "spark", "sqlite", "ssh"];

/** Makes a connection or changes one. What is secret is never shown: it is kept, replaced or taken away. */
export function ConnectionDialog({ connection, onClose }: { connection: Connection | null; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const [draft, setDraft] = useState<Draft>(() => draftOf(connection));
  const [tried, setTried] = useState(false);
  const change = (some: Partial<Draft>) => setDraft((all) => ({ ...all, ...some }));
  const save = useMutation({
    mutationFn: async () => {
      const { body, mask } = connectionBody(draft, connection !== null);
      if (connection) {
        const path = { connection_id: connection.connection_id };
        await api.patch("/api/v2/connections/{connection_id}", { path, body, query: { update_mask: mask } });
      } else await api.post("/api/v2/connections", { body });
    },
    meta: { quiet: true },
    onSuccess: () => {
      notify({ kind: "done", text: t("connections.saved", { name: draft.connection_id }) });
      void client.invalidateQueries({ queryKey: ["connections"] });
      onClose();
    },
  });
  const wrong = save.error instanceof ApiError ? save.error.fields : {};
  const missing = (value: string) => (tried && value.trim() === "" ? t("keyed.required") : null);
  const extraProblem = draft.extra.trim() === "" ? null : jsonProblem(draft.extra);
  const portProblem = draft.port.trim() !== "" && !/^\d{1,5}$/.test(draft.port.trim()) ? t("connections.badPort") : null;
  const submit = () => {
    setTried(true);
    if (draft.connection_id.trim() === "" || draft.conn_type.trim() === "" || extraProblem || portProblem) return;
    save.mutate();
  };
  return (
    <Dialog
      title={connection ? t("keyed.editOne", { name: connection.connection_id }) : t("connections.add")}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button kind="main" busy={save.isPending} type="submit" form="connection-form">
            {t("common.save")}
          </Button>
        </>
      }
    >
      <form
        id="connection-form"
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <div className={styles.pair}>
          <TextField
            label={t("connections.id")}
            value={draft.connection_id}
            disabled={connection !== null}
            autoFocus={connection === null}
            required
            autoComplete="off"
            error={missing(draft.connection_id) ?? wrong.connection_id}
            onChange={(event) => change({ connection_id: event.target.value })}
          />
          <TextField
            label={t("connections.type")}
            value={draft.conn_type}
            list="connection-types"
            required
            autoComplete="off"
            error={missing(draft.conn_type) ?? wrong.conn_type}
            onChange={(event) => change({ conn_type: event.target.value })}
          />
          <datalist id="connection-types">
            {TYPES.map((type) => (
              <option key={type} value={type} aria-label={type} />
            ))}
          </datalist>
        </div>
        <div className={styles.hostPort}>
          <TextField label={t("connections.host")} value={draft.host} error={wrong.host} onChange={(event) => change({ host: event.target.value })} />
          <TextField
            label={t("connections.port")}
            inputMode="numeric"
            value={draft.port}
            error={portProblem ?? wrong.port}
            onChange={(event) => change({ port: event.target.value })}
          />
        </div>
        <TextField label={t("connections.schema")} value={draft.schema} error={wrong.schema} onChange={(event) => change({ schema: event.target.value })} />
        <div className={styles.pair}>
          <TextField label={t("connections.login")} autoComplete="off" value={draft.login} error={wrong.login} onChange={(event) => change({ login: event.target.value })} />
          <TextField
            label={t("connections.password")}
            type="password"
            autoComplete="new-password"
            value={draft.password}
            disabled={draft.dropPassword}
            placeholder={connection?.password ? t("keyed.unchanged") : ""}
            hint={connection?.password ? t("keyed.keptSecret") : undefined}
            error={wrong.password}
            onChange={(event) => change({ password: event.target.value })}
          />
        </div>
        {connection?.password && (
          <CheckField label={t("connections.dropPassword")} checked={draft.dropPassword} onChange={(event) => change({ dropPassword: event.target.checked, password: "" })} />
        )}
        <TextArea
          label={t("connections.extra")}
          hint={connection?.extra?.includes("***") ? t("connections.extraMasked") : t("connections.extraHint")}
          className="mono"
          rows={4}
          spellCheck={false}
          value={draft.extra}
          error={extraProblem ? t("keyed.notJson", { problem: extraProblem }) : wrong.extra}
          onChange={(event) => change({ extra: event.target.value })}
          onBlur={() => change({ extra: pretty(draft.extra) })}
        />
        <TextField label={t("keyed.description")} value={draft.description} onChange={(event) => change({ description: event.target.value })} />
        {save.error && Object.keys(wrong).length === 0 && <Failed error={save.error} />}
      </form>
    </Dialog>
  );
}
