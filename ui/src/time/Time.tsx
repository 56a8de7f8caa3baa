import { Tooltip } from "radix-ui";
import { useLocale, useT } from "@/catalogue/use";
import { usePortal } from "@/parts/portal";
import { useNow } from "./clock";
import styles from "./Time.module.css";
import { useZones } from "./viewer";
import { relative } from "./words";
import { type Precision, shown } from "./zone";

interface Props {
  /** ISO 8601, as the API gives it. */
  value: string | null | undefined;
  /** The zone of the DAG it belongs to, where `InDagZone` does not say so. */
  dagZone?: string | null;
  precision?: Precision;
  /** What stands beside or instead: `both` (default) shows `2022-06-07 02:00 KST · 3 minutes ago`. */
  show?: "absolute" | "relative" | "both";
  /** Not a stop of the tab key of its own, inside something that is one. */
  still?: boolean;
}

/** A time: always with its zone; hover or focus shows the other zones. */
export function Time({ value, dagZone, precision = "minute", show = "both", still = false }: Props) {
  const t = useT();
  const locale = useLocale();
  const zones = useZones(dagZone);
  const now = useNow(show === "absolute" ? 3600 : 1);
  const portal = usePortal();
  if (!value) return <span className={styles.none}>{t("time.none")}</span>;
  const at = new Date(value);
  if (Number.isNaN(at.getTime())) return <span>{value}</span>;
  const absolute = shown(at, zones.shown, precision);
  const ago = relative(at, new Date(now), locale);
  const rows: [string, string][] = [
    [t("time.viewer"), zones.viewer],
    [t("time.dag"), zones.dag],
    ["UTC", "UTC"],
  ];
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>
        <time className={styles.time} dateTime={value} tabIndex={still ? undefined : 0}>
          {show !== "relative" && <span className={styles.absolute}>{absolute}</span>}
          {show === "both" && <span className={styles.relative}>{ago}</span>}
          {show === "relative" && ago}
        </time>
      </Tooltip.Trigger>
      <Tooltip.Portal container={portal}>
        <Tooltip.Content className={styles.tip} sideOffset={6} collisionPadding={8}>
          <dl>
            {rows.map(([label, zone]) => (
              <div key={label}>
                <dt>{label}</dt>
                <dd>
                  {shown(at, zone, "second")} {zone !== "UTC" && <span className={styles.zone}>{zone}</span>}
                </dd>
              </div>
            ))}
            <div>
              <dt>{t("time.relative")}</dt>
              <dd>{ago}</dd>
            </div>
          </dl>
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
