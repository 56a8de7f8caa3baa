import { useMutation, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useRouter } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { at, basePath, instanceName } from "@/api/base";
import { send } from "@/api/client";
import { configQuery } from "@/api/config";
import { ApiError } from "@/api/error";
import { languages, useLanguage, useT } from "@/catalogue/use";
import { Button } from "@/parts/Button";
import { Failed } from "@/parts/Failed";
import { SelectField, TextField } from "@/parts/fields";
import { changeSettings, type Language } from "@/settings/store";
import styles from "./SignIn.module.css";

const route = getRouteApi("/auth/login");

/** Only addresses within the app, which begin with its base path. */
const safe = (next: string | undefined): string => (next?.startsWith(basePath) && !/^[/\\]{2}/.test(next) ? next : basePath);

export function SignIn() {
  const t = useT();
  const { next, ended } = route.useSearch();
  const router = useRouter();
  const client = useQueryClient();
  const language = useLanguage();
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  useEffect(() => {
    document.title = t("shell.signInTo", { name: instanceName });
  }, [t]);
  const signIn = useMutation({
    mutationFn: () => send("post", at("/auth/session"), { username, password }),
    meta: { quiet: true },
    onSuccess: async () => {
      client.clear();
      await client.fetchQuery(configQuery);
      router.history.replace(safe(next));
    },
  });
  const wrong = signIn.error instanceof ApiError && signIn.error.status === 401;
  return (
    <main className={styles.page}>
      <form
        className={styles.card}
        onSubmit={(event) => {
          event.preventDefault();
          if (!signIn.isPending) signIn.mutate();
        }}
      >
        <svg className={styles.mark} viewBox="0 0 32 32" aria-hidden="true">
          <path d="M6 12h13a4 4 0 1 0-4-4M6 17.5h17a4 4 0 1 1-4 4M6 23h7" />
        </svg>
        <h1>{t("shell.signInTo", { name: instanceName })}</h1>
        {ended && !signIn.error && (
          <p role="status" className={styles.note}>
            {t("shell.sessionEnded")}
          </p>
        )}
        {wrong && (
          <p role="alert" className={styles.wrong}>
            {t("shell.badPassword")}
          </p>
        )}
        {signIn.error && !wrong && <Failed error={signIn.error} />}
        <TextField
          label={t("shell.username")}
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          autoFocus
          required
          value={username}
          onChange={(event) => setUsername(event.target.value)}
        />
        <TextField
          label={t("shell.password")}
          name="password"
          type="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        <Button kind="main" type="submit" busy={signIn.isPending}>
          {t("shell.signIn")}
        </Button>
        <p className="soft small">{t("shell.firstUser")}</p>
      </form>
      <div className={styles.language}>
        <SelectField
          bare
          label={t("shell.language")}
          value={language}
          options={languages.map(({ code, name }) => ({ value: code, label: name }))}
          onChange={(event) => changeSettings({ language: event.target.value as Language })}
        />
      </div>
    </main>
  );
}
