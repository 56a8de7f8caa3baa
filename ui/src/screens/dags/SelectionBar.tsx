import { lazy, Suspense, useState } from "react";
import { useConfig, useMay } from "@/api/config";
import { useT } from "@/catalogue/use";
import { useShortcuts } from "@/keys/use";
import { Button, IconButton } from "@/parts/Button";
import type { IconName } from "@/parts/Icon";
import { type BulkAct, bulkActs } from "./bulk";
import styles from "./Bulk.module.css";
import type { Selection } from "./selection";

const BulkDialog = lazy(() => import("./BulkDialog").then((module) => ({ default: module.BulkDialog })));
const icons: Record<BulkAct, IconName> = { pause: "pause", unpause: "check", trigger: "play" };

/** What can be done with the DAGs that were chosen; it stays in sight while the list is scrolled. */
export function SelectionBar({ selection, total }: { selection: Selection; total: number }) {
  const t = useT();
  const may = useMay("USER");
  const { role } = useConfig().user;
  const [act, setAct] = useState<BulkAct | null>(null);
  const count = selection.chosen.size;
  useShortcuts([{ keys: "Escape", label: "dags.bulk.clear", local: true, run: () => selection.clear() }]);
  const why = may ? null : t("common.notAllowed", { role });
  return (
    <section className={styles.bar} aria-label={t("dags.bulk.acts")}>
      <strong role="status">{t("dags.bulk.count", { count })}</strong>
      {count < total && (
        <Button kind="quiet" busy={selection.busy} onClick={() => void selection.all()}>
          {t("dags.bulk.all", { count: total })}
        </Button>
      )}
      <span className={styles.acts}>
        {bulkActs.map((one) => (
          <Button key={one} icon={icons[one]} why={why} onClick={() => setAct(one)}>
            {t(`dags.bulk.act.${one}`)}
          </Button>
        ))}
        <IconButton icon="close" label={t("dags.bulk.clear")} onClick={selection.clear} />
      </span>
      <Suspense>
        {act && (
          <BulkDialog
            act={act}
            chosen={[...selection.chosen.values()]}
            onClose={(done) => {
              setAct(null);
              if (done) selection.clear();
            }}
          />
        )}
      </Suspense>
    </section>
  );
}
