import { useId, useState } from "react";
import { useT } from "@/catalogue/use";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { TextField } from "@/parts/fields";
import { changeSettings } from "@/settings/store";
import { isZone } from "@/time/zone";

/** Chooses any zone of the database. */
export function ZoneDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const form = useId();
  const list = useId();
  const [name, setName] = useState("");
  const [wrong, setWrong] = useState(false);
  const submit = () => {
    const zone = name.trim();
    if (!isZone(zone)) return setWrong(true);
    changeSettings({ zone });
    onClose();
  };
  return (
    <Dialog
      title={t("shell.zoneOther")}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button kind="main" type="submit" form={form}>
            {t("common.apply")}
          </Button>
        </>
      }
    >
      <form
        id={form}
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <TextField
          label={t("shell.zone")}
          hint={t("shell.zoneOtherHint")}
          error={wrong ? t("shell.zoneUnknown") : null}
          value={name}
          list={list}
          data-focus
          onChange={(event) => {
            setName(event.target.value);
            setWrong(false);
          }}
        />
        <datalist id={list}>
          {Intl.supportedValuesOf("timeZone").map((zone) => (
            <option key={zone}>{zone}</option>
          ))}
        </datalist>
      </form>
    </Dialog>
  );
}
