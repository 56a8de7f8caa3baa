import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { at } from "@/api/base";
import { send } from "@/api/client";
import { useConfig } from "@/api/config";
import { languages, useLanguage, useT } from "@/catalogue/use";
import { IconButton } from "@/parts/Button";
import { Menu, MenuChoice, MenuItem, MenuLine, MenuText } from "@/parts/Menu";
import { notify } from "@/parts/notices";
import { changeSettings, type Language, type Theme, useSettings } from "@/settings/store";

/** Who is signed in; theme, language, settings, sign-out. */
export function AccountMenu({ onSettings }: { onSettings: () => void }) {
  const t = useT();
  const { user } = useConfig();
  const { theme } = useSettings();
  const language = useLanguage();
  const client = useQueryClient();
  const navigate = useNavigate();
  const signOut = async () => {
    try {
      await send("delete", at("/auth/session"));
    } catch (error) {
      notify({ kind: "failed", error });
      return;
    }
    client.clear();
    await navigate({ to: "/auth/login" });
  };
  return (
    <Menu label={t("shell.account")} trigger={<IconButton icon="user" label={t("shell.account")} />}>
      <MenuText>
        <div>{t("shell.signedInAs", { name: user.username })}</div>
        <div className="soft small">{t("shell.role", { role: user.role })}</div>
      </MenuText>
      <MenuLine />
      <MenuChoice
        label={t("shell.theme")}
        value={theme}
        options={[
          { value: "system", label: t("shell.themeSystem") },
          { value: "light", label: t("shell.themeLight") },
          { value: "dark", label: t("shell.themeDark") },
        ]}
        onChange={(value) => changeSettings({ theme: value as Theme })}
      />
      <MenuChoice
        label={t("shell.language")}
        value={language}
        options={languages.map(({ code, name }) => ({ value: code, label: name }))}
        onChange={(value) => changeSettings({ language: value as Language })}
      />
      <MenuLine />
      <MenuItem icon="settings" onSelect={onSettings}>
        {t("shell.settings")}
      </MenuItem>
      <MenuItem icon="external" onSelect={() => void signOut()}>
        {t("shell.signOut")}
      </MenuItem>
    </Menu>
  );
}
