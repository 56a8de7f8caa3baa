import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useRef, useState } from "react";
import type { Translate } from "@/catalogue/translate";
import { useT } from "@/catalogue/use";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Failed } from "@/parts/Failed";
import { Choices } from "@/parts/fields";
import { notify } from "@/parts/notices";
import styles from "./Exchange.module.css";
import { all, type ExchangeOf, ExchangeProblem, type Imported, ofFile, type Outcome } from "./exchange";

interface Props {
  noun: "connections" | "variables";
  exchange: ExchangeOf<unknown>;
  onClose: () => void;
}

/** Reads a file, shows what it would change, and imports it. */
export function ImportDialog({ noun, exchange, onClose }: Props) {
  const t = useT();
  const client = useQueryClient();
  const [onExisting, setOnExisting] = useState<"overwrite" | "skip">("skip");
  const read = useMutation({
    mutationFn: async (file: File): Promise<Imported & { name: string }> => ({ ...ofFile(exchange, await file.text(), await all(exchange)), name: file.name }),
    meta: { quiet: true },
  });
  const send = useMutation({
    mutationFn: (found: Imported) => exchange.send(found.entities, onExisting),
    meta: { quiet: true },
    onSuccess: (outcome: Outcome) => {
      void client.invalidateQueries({ queryKey: [noun] });
      if (outcome.errors.length > 0) return;
      notify({ kind: "done", text: t(`exchange.done.${noun}`, { count: outcome.done }) });
      onClose();
    },
  });
  const found = read.data;
  const changes = found ? found.fresh.length + (onExisting === "overwrite" ? found.existing.length : 0) : 0;
  return (
    <Dialog
      title={t(`exchange.importTitle.${noun}`)}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t(send.data ? "common.close" : "common.cancel")}</Button>
          <Button kind="main" icon="upload" busy={send.isPending} disabled={changes === 0 || send.data !== undefined} onClick={() => found && send.mutate(found)}>
            {changes > 0 ? t("exchange.importCount", { count: changes }) : t("exchange.import")}
          </Button>
        </>
      }
    >
      <div className="stack">
        <FileField name={found?.name ?? null} busy={read.isPending} onFile={(file) => read.mutate(file)} />
        <p className="soft small">{t(`exchange.form.${noun}`)}</p>
        {read.error && (read.error instanceof ExchangeProblem ? <p role="alert" className="error">{problem(read.error, t)}</p> : <Failed error={read.error} />)}
        {found && (
          <>
            <p role="status">{t("exchange.found", { fresh: found.fresh.length, existing: found.existing.length })}</p>
            {found.existing.length > 0 && (
              <>
                <Choices
                  label={t("exchange.onExisting")}
                  value={onExisting}
                  options={[
                    { value: "skip", label: t("exchange.keep") },
                    { value: "overwrite", label: t("exchange.replace") },
                  ]}
                  onChange={(value) => setOnExisting(value === "overwrite" ? "overwrite" : "skip")}
                />
                {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls */}
                <ul className={styles.names} tabIndex={0} translate="no" aria-label={t("exchange.existing")}>
                  {found.existing.map((name) => (
                    <li key={name}>{name}</li>
                  ))}
                </ul>
              </>
            )}
          </>
        )}
        {send.error && <Failed error={send.error} />}
        {send.data && send.data.errors.length > 0 && (
          <div role="alert" className="stack">
            <p className="error">{t("exchange.partly", { done: send.data.done, failed: send.data.errors.length })}</p>
            <ul className={styles.names} translate="no">
              {send.data.errors.map((error) => (
                <li key={error}>{error}</li>
              ))}
            </ul>
          </div>
        )}
      </div>
    </Dialog>
  );
}

/** A file, chosen or dropped. */
function FileField({ name, busy, onFile }: { name: string | null; busy: boolean; onFile: (file: File) => void }) {
  const t = useT();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const take = (files: FileList | null) => files?.[0] && onFile(files[0]);
  return (
    <div
      className={styles.file}
      data-over={over || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer.files);
      }}
    >
      <label htmlFor={id} className="visually-hidden">
        {t("exchange.file")}
      </label>
      <input
        ref={input}
        id={id}
        type="file"
        accept=".json,application/json"
        className="visually-hidden"
        tabIndex={-1}
        onChange={(event) => {
          take(event.target.files);
          // The same file may be chosen again after it was corrected.
          event.target.value = "";
        }}
      />
      <Button icon="upload" busy={busy} onClick={() => input.current?.click()} data-focus="">
        {t("exchange.choose")}
      </Button>
      <span className="soft" translate={name ? "no" : undefined}>
        {name ?? t("exchange.drop")}
      </span>
    </div>
  );
}

function problem({ kind, values: { name = "", words = "" } }: ExchangeProblem, t: Translate): string {
  switch (kind) {
    case "json":
      return t("exchange.wrong.json", { words });
    case "object":
      return t("exchange.wrong.object");
    case "field":
      return t("exchange.wrong.field", { name, words });
    case "entry":
    case "type":
    case "uri":
      return t(`exchange.wrong.${kind}`, { name });
  }
}
