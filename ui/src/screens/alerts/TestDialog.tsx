import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useT } from "@/catalogue/use";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Failed } from "@/parts/Failed";
import { SelectField, TextField } from "@/parts/fields";
import { Icon } from "@/parts/Icon";
import styles from "./Alerts.module.css";
import { type Channel, testChannel } from "./queries";

/** Sends a test message at once and shows what came of it. */
export function TestDialog({ channels, initial, onClose }: { channels: readonly Channel[]; initial: string; onClose: () => void }) {
  const t = useT();
  const [name, setName] = useState(initial);
  const [to, setTo] = useState("");
  const channel = channels.find((one) => one.name === name);
  const needsAddress = channel?.type === "email" && channel.recipients.length === 0;
  const test = useMutation({ mutationFn: () => testChannel(name, to.trim() === "" ? null : to.trim()), meta: { quiet: true } });
  return (
    <Dialog
      title={t("alerts.testTitle")}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t("common.close")}</Button>
          <Button kind="main" type="submit" form="test-form" busy={test.isPending} disabled={needsAddress && to.trim() === ""}>
            {t("alerts.send")}
          </Button>
        </>
      }
    >
      <form
        id="test-form"
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          test.mutate();
        }}
      >
        <SelectField
          label={t("alerts.channel")}
          value={name}
          options={channels.map((one) => ({ value: one.name, label: one.name }))}
          onChange={(event) => {
            setName(event.target.value);
            test.reset();
          }}
        />
        {channel?.type === "email" && (
          <TextField label={t("alerts.address")} hint={t("alerts.addressHint")} value={to} data-focus="" required={needsAddress} onChange={(event) => setTo(event.target.value)} />
        )}
        <div role="status">
          {test.data?.ok && (
            <p className={styles.ok}>
              <Icon name="check" /> {t("alerts.testSent")}
            </p>
          )}
          {test.data && !test.data.ok && (
            <div className={styles.notOk}>
              <strong>{t("alerts.testFailed")}</strong>
              <p className={styles.error} translate="no">
                {test.data.error}
              </p>
            </div>
          )}
        </div>
        {test.error && <Failed error={test.error} />}
      </form>
    </Dialog>
  );
}
