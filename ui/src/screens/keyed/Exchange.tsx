import { lazy, Suspense, useState } from "react";
import { useT } from "@/catalogue/use";
import { Button } from "@/parts/Button";
import type { ExchangeOf } from "./exchange";
import styles from "./Exchange.module.css";

const ImportDialog = lazy(() => import("./ImportDialog").then((module) => ({ default: module.ImportDialog })));
const ExportDialog = lazy(() => import("./ExportDialog").then((module) => ({ default: module.ExportDialog })));

/** A list out of a file and into one. */
export function Exchange<T>({ noun, exchange }: { noun: "connections" | "variables"; exchange: ExchangeOf<T> }) {
  const t = useT();
  const [open, setOpen] = useState<"import" | "export" | null>(null);
  const of = exchange as ExchangeOf<unknown>;
  return (
    <div className={styles.tools}>
      <Button icon="upload" onClick={() => setOpen("import")}>
        {t("exchange.import")}
      </Button>
      <Button icon="download" onClick={() => setOpen("export")}>
        {t("exchange.export")}
      </Button>
      <Suspense>
        {open === "import" && <ImportDialog noun={noun} exchange={of} onClose={() => setOpen(null)} />}
        {open === "export" && <ExportDialog noun={noun} exchange={of} onClose={() => setOpen(null)} />}
      </Suspense>
    </div>
  );
}
