import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "@/api/client";
import { ApiError } from "@/api/error";
import { MASK, type Variable } from "@/api/keyed";
import { useT } from "@/catalogue/use";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Failed } from "@/parts/Failed";
import { TextArea, TextField } from "@/parts/fields";
import { jsonProblem, looksLikeJson, pretty } from "@/parts/json";
import { notify } from "@/parts/notices";

/** Makes a variable or changes one. A value that is hidden stays as it is unless a new one is given. */
export function VariableDialog({ variable, onClose }: { variable: Variable | null; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const secret = variable?.value === MASK;
  const shown = secret ? "" : pretty(variable?.value ?? "");
  const [key, setKey] = useState(variable?.key ?? "");
  const [value, setValue] = useState(shown);
  const [description, setDescription] = useState(variable?.description ?? "");
  const [tried, setTried] = useState(false);
  const changed = value !== shown;
  const save = useMutation({
    mutationFn: async () => {
      // What was only shown prettily goes back as it was.
      const sent = changed || !variable ? value : variable.value;
      const body = { key: key.trim(), value: sent, description: description.trim() === "" ? null : description.trim() };
      if (variable) {
        const mask = changed ? ["value", "description"] : ["description"];
        await api.patch("/api/v2/variables/{variable_key}", { path: { variable_key: variable.key }, body, query: { update_mask: mask } });
      } else await api.post("/api/v2/variables", { body });
    },
    meta: { quiet: true },
    onSuccess: () => {
      notify({ kind: "done", text: t("variables.saved", { name: key.trim() }) });
      void client.invalidateQueries({ queryKey: ["variables"] });
      onClose();
    },
  });
  const wrong = save.error instanceof ApiError ? save.error.fields : {};
  // Masks within JSON that came back would be stored as they are.
  const keepsMask = changed && value.includes(`"${MASK}"`);
  const problem = looksLikeJson(value) ? jsonProblem(value) : null;
  const submit = () => {
    setTried(true);
    if (key.trim() === "" || keepsMask) return;
    save.mutate();
  };
  return (
    <Dialog
      title={variable ? t("keyed.editOne", { name: variable.key }) : t("variables.add")}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button kind="main" busy={save.isPending} type="submit" form="variable-form">
            {t("common.save")}
          </Button>
        </>
      }
    >
      <form
        id="variable-form"
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <TextField
          label={t("variables.key")}
          value={key}
          disabled={variable !== null}
          data-focus={variable === null ? "" : undefined}
          required
          error={tried && key.trim() === "" ? t("keyed.required") : wrong.key}
          onChange={(event) => setKey(event.target.value)}
        />
        <TextArea
          label={t("variables.value")}
          className="mono"
          rows={8}
          spellCheck={false}
          value={value}
          placeholder={secret ? t("keyed.unchanged") : ""}
          hint={secret ? t("keyed.keptSecret") : problem ? t("variables.notJsonHint", { problem }) : looksLikeJson(value) ? t("variables.isJson") : t("variables.valueHint")}
          error={keepsMask ? t("variables.keepsMask") : wrong.value}
          onChange={(event) => setValue(event.target.value)}
        />
        <TextField label={t("keyed.description")} value={description} onChange={(event) => setDescription(event.target.value)} />
        {save.error && Object.keys(wrong).length === 0 && <Failed error={save.error} />}
      </form>
    </Dialog>
  );
}
