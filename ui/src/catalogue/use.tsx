import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { useSettings } from "@/settings/store";
import { en } from "./en";
import { type Translate, translator } from "./translate";
import type { Catalogue } from "./types";

interface Words {
  t: Translate;
  /** For `Intl`. */
  locale: string;
}

const english: Words = { t: translator(en, "en"), locale: "en" };
const Context = createContext<Words>(english);

/** The languages a person may choose, by their own names. */
export const languages = [
  { code: "en", name: "English" },
  { code: "ko", name: "한국어" },
] as const;

async function load(code: string): Promise<Words> {
  if (code === "ko") return { t: translator((await import("./ko")).ko, "ko"), locale: "ko" };
  if (code === "pseudo") return { t: translator((await import("./pseudo")).pseudo(en as Catalogue), "en"), locale: "en" };
  return english;
}

/** The language chosen, or the browser's when we speak it. */
export function useLanguage(): string {
  const { language } = useSettings();
  if (language) return language;
  return navigator.languages.map((tag) => tag.split("-")[0]).find((code) => languages.some((l) => l.code === code)) ?? "en";
}

export function CatalogueProvider({ children }: { children: ReactNode }) {
  const code = useLanguage();
  const [words, setWords] = useState<Words | null>(code === "en" ? english : null);
  useEffect(() => {
    let wanted = true;
    load(code).then(
      (loaded) => {
        if (!wanted) return;
        document.documentElement.lang = loaded.locale;
        setWords(loaded);
      },
      // The chunk did not come: English is better than nothing.
      () => wanted && setWords(english),
    );
    return () => {
      wanted = false;
    };
  }, [code]);
  return words && <Context value={words}>{children}</Context>;
}

/** The words of the chosen language: `const t = useT(); t("dags.title")`. */
export const useT = (): Translate => useContext(Context).t;

/** The locale for `Intl`. */
export const useLocale = (): string => useContext(Context).locale;
