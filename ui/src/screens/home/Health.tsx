import type { Component } from "@/api/types";
import { useLocale, useT } from "@/catalogue/use";
import { beatAt, kindName } from "@/parts/component";
import { Icon } from "@/parts/Icon";
import { Card } from "@/parts/Page";
import { useNow } from "@/time/clock";
import { relative } from "@/time/words";
import styles from "./Home.module.css";

/** Each process by name, and how long ago it gave a sign of life. */
export function Health({ components, readAt }: { components: readonly Component[]; readAt: number }) {
  const t = useT();
  const alive = components.some((one) => one.kind === "scheduler" && one.healthy);
  return (
    <Card title={t("home.health")} flush>
      {!alive && <p className={styles.note}>{t("home.noScheduler")}</p>}
      {components.length === 0 ? (
        <p className={styles.fine}>{t("home.noComponents")}</p>
      ) : (
        <ul className={styles.list}>
          {components.map((one) => (
            <li key={`${one.kind} ${one.id}`}>
              <Row component={one} readAt={readAt} />
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function Row({ component, readAt }: { component: Component; readAt: number }) {
  const t = useT();
  const locale = useLocale();
  const now = useNow();
  const beat = beatAt(component, readAt);
  const details = [component.hostname, component.pid === null ? null : t("home.process", { pid: String(component.pid) })];
  return (
    <div className={styles.component}>
      <span className={styles.sign} data-healthy={component.healthy}>
        <Icon name={component.healthy ? "check" : "close"} />
      </span>
      <div>
        <div className={styles.main}>{kindName(component.kind, t)}</div>
        <div className="soft small truncate" translate="no">
          {details.filter(Boolean).join(" · ")}
        </div>
      </div>
      <div className={`${styles.end} small numeric`} title={component.version ?? undefined}>
        <div>{t(component.healthy ? "home.healthy" : "home.unhealthy")}</div>
        {beat && <div className="soft">{t("home.lastBeat", { ago: relative(beat, new Date(Math.max(now, readAt)), locale) })}</div>}
      </div>
    </div>
  );
}
