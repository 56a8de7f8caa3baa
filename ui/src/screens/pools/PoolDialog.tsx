import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "@/api/client";
import { ApiError } from "@/api/error";
import type { Pool } from "@/api/keyed";
import { useT } from "@/catalogue/use";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Failed } from "@/parts/Failed";
import { CheckField, TextField } from "@/parts/fields";
import { notify } from "@/parts/notices";

const DEFAULT_POOL = "default_pool";

/** Makes a pool or changes one. Of the default pool only slots and what counts may change. */
export function PoolDialog({ pool, onClose }: { pool: Pool | null; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const [name, setName] = useState(pool?.name ?? "");
  const [slots, setSlots] = useState(pool ? String(pool.slots) : "16");
  const [description, setDescription] = useState(pool?.description ?? "");
  const [deferred, setDeferred] = useState(pool?.include_deferred ?? false);
  const [tried, setTried] = useState(false);
  const isDefault = pool?.name === DEFAULT_POOL;
  const number = /^-?\d+$/.test(slots.trim()) ? Number(slots) : Number.NaN;
  const slotsProblem = Number.isNaN(number) || number < -1 ? t("pools.badSlots") : null;
  const save = useMutation({
    mutationFn: async () => {
      const counted = { slots: number, include_deferred: deferred };
      const words = description.trim() === "" ? null : description.trim();
      if (!pool) await api.post("/api/v2/pools", { body: { name: name.trim(), description: words, ...counted } });
      else {
        const body = isDefault ? counted : { pool: name.trim(), description: words, ...counted };
        await api.patch("/api/v2/pools/{pool_name}", { path: { pool_name: pool.name }, body });
      }
    },
    meta: { quiet: true },
    onSuccess: () => {
      notify({ kind: "done", text: t("pools.saved", { name: name.trim() }) });
      void client.invalidateQueries({ queryKey: ["pools"] });
      onClose();
    },
  });
  const wrong = save.error instanceof ApiError ? save.error.fields : {};
  const submit = () => {
    setTried(true);
    if (name.trim() !== "" && !slotsProblem) save.mutate();
  };
  return (
    <Dialog
      title={pool ? t("keyed.editOne", { name: pool.name }) : t("pools.add")}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button kind="main" busy={save.isPending} type="submit" form="pool-form">
            {t("common.save")}
          </Button>
        </>
      }
    >
      <form
        id="pool-form"
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <TextField
          label={t("pools.name")}
          value={name}
          disabled={isDefault}
          data-focus={pool ? undefined : ""}
          required
          error={tried && name.trim() === "" ? t("keyed.required") : (wrong.name ?? wrong.pool)}
          onChange={(event) => setName(event.target.value)}
        />
        <TextField
          label={t("pools.slots")}
          inputMode="numeric"
          value={slots}
          hint={t("pools.slotsHint")}
          error={tried ? (slotsProblem ?? wrong.slots) : wrong.slots}
          onChange={(event) => setSlots(event.target.value)}
        />
        {!isDefault && <TextField label={t("keyed.description")} value={description} onChange={(event) => setDescription(event.target.value)} />}
        <CheckField label={t("pools.deferred")} hint={t("pools.deferredHint")} checked={deferred} onChange={(event) => setDeferred(event.target.checked)} />
        {save.error && Object.keys(wrong).length === 0 && <Failed error={save.error} />}
      </form>
    </Dialog>
  );
}
