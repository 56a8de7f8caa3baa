import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "@/api/client";
import { ApiError } from "@/api/error";
import type { Connection } from "@/api/keyed";
import { useT } from "@/catalogue/use";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Failed } from "@/parts/Failed";
import { TextArea, TextField } from "@/parts/fields";
import { jsonProblem, pretty } from "@/parts/json";
import { notify } from "@/parts/notices";
import { connectionBody, type Draft, draftOf } from "./draft";
import { KindFields } from "./KindFields";
import { kindsQuery } from "./kinds";
import { isPort, UsualFields } from "./UsualFields";
import styles from "./Connections.module.css";

/** Types people use most, besides those of installed packages; any other may be typed. */
const TYPES = ["aws", "azure", "fs", "ftp", "google_cloud_platform", "http", "jdbc", "kubernetes", "mssql", "mysql", "oracle", "postgres", "redis", "sftp", "slack", "smtp", "snowflake", "spark", "sqlite", "ssh"];

/** Makes a connection or changes one. What is secret is never shown: it is kept, replaced or taken away. */
export function ConnectionDialog({ connection, onClose }: { connection: Connection | null; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const [draft, setDraft] = useState<Draft>(() => draftOf(connection));
  const [tried, setTried] = useState(false);
  const kinds = useQuery(kindsQuery).data ?? [];
  const kind = kinds.find((one) => one.connection_type === draft.conn_type.trim());
  const types = [...new Set([...kinds.map((one) => one.connection_type), ...TYPES])].sort();
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
  const submit = () => {
    setTried(true);
    if (draft.connection_id.trim() === "" || draft.conn_type.trim() === "" || extraProblem || !isPort(draft.port)) return;
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
            data-focus={connection === null ? "" : undefined}
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
            {types.map((type) => (
              <option key={type} value={type} aria-label={type} />
            ))}
          </datalist>
        </div>
        <UsualFields draft={draft} connection={connection} kind={kind} wrong={wrong} onChange={change} />
        {kind && <KindFields kind={kind} extra={draft.extra} onChange={(extra) => change({ extra })} />}
        <TextArea
          label={kind?.relabeling.extra ? <span translate="no">{kind.relabeling.extra}</span> : t("connections.extra")}
          hint={connection?.extra?.includes("***") ? t("connections.extraMasked") : t("connections.extraHint")}
          className="mono"
          rows={4}
          spellCheck={false}
          value={draft.extra}
          placeholder={kind?.placeholders.extra}
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
