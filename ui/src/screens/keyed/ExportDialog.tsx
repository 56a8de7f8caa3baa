import { useQuery } from "@tanstack/react-query";
import { useT } from "@/catalogue/use";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Failed } from "@/parts/Failed";
import { Loading } from "@/parts/Loading";
import { saveText } from "@/parts/saveText";
import styles from "./Exchange.module.css";
import { all, asFile, type ExchangeOf } from "./exchange";

/** Writes a list to a file, without what is secret: that never leaves the server. */
export function ExportDialog({ noun, exchange, onClose }: { noun: "connections" | "variables"; exchange: ExchangeOf<unknown>; onClose: () => void }) {
  const t = useT();
  const found = useQuery({ queryKey: [noun, "exchange"], queryFn: async () => asFile(exchange, await all(exchange)), gcTime: 0, staleTime: 0 });
  const save = () => {
    if (!found.data) return;
    saveText(`${noun}.json`, found.data.text, "application/json");
    onClose();
  };
  return (
    <Dialog
      title={t(`exchange.exportTitle.${noun}`)}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button kind="main" icon="download" busy={found.isFetching} disabled={found.data?.count === 0} onClick={save} data-focus="">
            {t("exchange.save", { file: `${noun}.json` })}
          </Button>
        </>
      }
    >
      {found.isPending && <Loading lines={2} />}
      {found.error && <Failed error={found.error} retry={() => void found.refetch()} />}
      {found.data && (
        <div className="stack">
          <p>{t("exchange.count", { count: found.data.count })}</p>
          {found.data.without.length > 0 && (
            <>
              <p>{t(`exchange.without.${noun}`)}</p>
              {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls */}
              <ul className={styles.names} tabIndex={0} translate="no" aria-label={t("exchange.withoutNames")}>
                {found.data.without.map((name) => (
                  <li key={name}>{name}</li>
                ))}
              </ul>
              <p className="soft small">
                {t("exchange.whole")} <code translate="no">{`tradewind ${noun} export ${noun}.json`}</code>
              </p>
            </>
          )}
        </div>
      )}
    </Dialog>
  );
}
