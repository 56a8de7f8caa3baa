import { useConfig } from "@/api/config";
import { languages, useT } from "@/catalogue/use";
import { Dialog } from "@/parts/Dialog";
import { CheckField, Choices, SelectField } from "@/parts/fields";
import { changeSettings, type Language, type Settings, type Theme, useSettings } from "@/settings/store";
import { useZoneOptions } from "./ZoneMenu";

/** What a viewer may choose; kept in this browser. */
export function SettingsDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const settings = useSettings();
  const { default_ui_timezone } = useConfig();
  return (
    <Dialog title={t("shell.settings")} onClose={onClose}>
      <div className="stack">
        <Choices
          label={t("shell.theme")}
          value={settings.theme}
          options={[
            { value: "system", label: t("shell.themeSystem") },
            { value: "light", label: t("shell.themeLight") },
            { value: "dark", label: t("shell.themeDark") },
          ]}
          onChange={(theme) => changeSettings({ theme: theme as Theme })}
        />
        <Choices
          label={t("shell.density")}
          value={settings.density}
          options={[
            { value: "comfortable", label: t("shell.densityComfortable") },
            { value: "compact", label: t("shell.densityCompact") },
          ]}
          onChange={(density) => changeSettings({ density: density as Settings["density"] })}
        />
        <SelectField
          label={t("shell.language")}
          value={settings.language}
          options={[
            { value: "", label: t("shell.languageBrowser", { name: navigator.language }) },
            ...languages.map(({ code, name }) => ({ value: code, label: name })),
          ]}
          onChange={(event) => changeSettings({ language: event.target.value as Language | "" })}
        />
        <SelectField
          label={t("shell.zone")}
          value={settings.zone || default_ui_timezone || "browser"}
          options={useZoneOptions()}
          onChange={(event) => changeSettings({ zone: event.target.value })}
        />
        <CheckField
          label={t("shell.letterKeys")}
          hint={t("shell.letterKeysHint")}
          checked={settings.letterKeys}
          onChange={(event) => changeSettings({ letterKeys: event.target.checked })}
        />
      </div>
    </Dialog>
  );
}
