import { lazy, Suspense, useState } from "react";
import { useConfig } from "@/api/config";
import { useT } from "@/catalogue/use";
import { Icon } from "@/parts/Icon";
import { Menu, MenuChoice, MenuItem, MenuLine } from "@/parts/Menu";
import { changeSettings, useSettings } from "@/settings/store";
import { browserZone } from "@/time/zone";
import styles from "./ZoneMenu.module.css";

const ZoneDialog = lazy(() => import("./ZoneDialog").then((module) => ({ default: module.ZoneDialog })));

/** The choices of a time zone that have names of their own; others are names of the database. */
export function useZoneOptions(): { value: string; label: string }[] {
  const t = useT();
  const { zone } = useSettings();
  const { default_ui_timezone, default_timezone } = useConfig();
  const named = [
    { value: "UTC", label: "UTC" },
    { value: "dag", label: t("shell.zoneDag") },
    { value: "browser", label: t("shell.zoneBrowser", { zone: browserZone() }) },
  ];
  const offered = [default_ui_timezone, default_timezone, zone].filter((one) => one && !named.some((option) => option.value === one));
  return [...named, ...[...new Set(offered)].map((one) => ({ value: one, label: one }))];
}

/** The zone in which times are shown. */
export function ZoneMenu() {
  const t = useT();
  const { zone } = useSettings();
  const { default_ui_timezone } = useConfig();
  const [other, setOther] = useState(false);
  const chosen = zone || default_ui_timezone || "browser";
  const short = chosen === "dag" ? "DAG" : chosen === "browser" ? browserZone() : chosen;
  return (
    <>
      <Menu
        label={t("shell.zone")}
        trigger={
          <button type="button" className={styles.trigger} aria-label={`${t("shell.zone")}: ${short}`}>
            <Icon name="time" />
            <span className={styles.name} translate="no">{short}</span>
            <Icon name="down" />
          </button>
        }
      >
        <MenuChoice label={t("shell.zone")} value={chosen} options={useZoneOptions()} onChange={(value) => changeSettings({ zone: value })} />
        <MenuLine />
        <MenuItem icon="search" onSelect={() => setOther(true)}>
          {t("shell.zoneOther")}
        </MenuItem>
      </Menu>
      <Suspense>{other && <ZoneDialog onClose={() => setOther(false)} />}</Suspense>
    </>
  );
}
