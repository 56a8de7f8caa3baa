import { useEffect, useState } from "react";
import { useLocale, useT } from "@/catalogue/use";

/** A cron expression in words, or itself where it is none or not to be understood. */
export async function cronWords(cron: string, locale: string): Promise<string> {
  const { toString } = (await import("./cron")).default;
  // Of a time alone one would ask on which days.
  const verbose = /^[\d,]+ [\d,]+ \* \* \*$/.test(cron);
  try {
    return toString(cron, { locale, verbose, use24HourTimeFormat: true, throwExceptionOnParseError: true });
  } catch {
    return cron;
  }
}

const presets: Record<string, string> = {
  "@hourly": "0 * * * *",
  "@daily": "0 0 * * *",
  "@weekly": "0 0 * * 0",
  "@monthly": "0 0 1 * *",
  "@quarterly": "0 0 1 */3 *",
  "@yearly": "0 0 1 1 *",
};
const kept = new Map<string, string>();

/** How a schedule by assets is called in short, alone and with times of its own. */
const BY_ASSETS = "Asset";
const OR_TIMES = /^Asset or (.+)$/;

/** The short form of a schedule that is worth showing beside its words. */
export function scheduleCode(summary: string | null): string | null {
  if (summary === null || summary === BY_ASSETS || summary === "None") return null;
  return OR_TIMES.exec(summary)?.[1] ?? summary;
}

/** A schedule in words: what its author says of it, a cron expression read aloud, else its short form. */
export function useScheduleWords(summary: string | null, description: string | null): string {
  const t = useT();
  const locale = useLocale();
  const times = summary === null ? null : (OR_TIMES.exec(summary)?.[1] ?? null);
  const short = times ?? summary;
  // Without a schedule there is nothing to read: whoever shows it says so.
  const none = summary === null || summary === "None";
  const own = !none && times === null && description && description !== summary ? description : null;
  const cron = short ? (presets[short] ?? short) : "";
  const readable = own === null && /^[\d*/,\-A-Za-z#?]+( [\d*/,\-A-Za-z#?]+){4}$/.test(cron);
  const key = `${locale} ${cron}`;
  const [, show] = useState(0);
  useEffect(() => {
    if (!readable || kept.has(key)) return;
    let wanted = true;
    cronWords(cron, locale).then(
      (words) => {
        kept.set(key, words);
        if (wanted) show((n) => n + 1);
      },
      // The chunk did not come: the expression itself is shown.
      () => undefined,
    );
    return () => {
      wanted = false;
    };
  }, [readable, key, cron, locale]);
  if (none) return "";
  if (summary === BY_ASSETS) return t("dags.byAssets");
  const words = own ?? (readable ? kept.get(key) : undefined) ?? short ?? "";
  return times === null ? words : t("dags.byAssetsOr", { schedule: words });
}
