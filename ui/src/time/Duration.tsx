import { useLocale } from "@/catalogue/use";
import { useNow } from "./clock";
import { duration } from "./words";

/** How long something took; what has not ended counts on. */
export function Duration({ start, end }: { start: string | null | undefined; end: string | null | undefined }) {
  const locale = useLocale();
  if (!start) return null;
  if (!end) return <Running since={start} />;
  return <span className="numeric">{duration((Date.parse(end) - Date.parse(start)) / 1000, locale)}</span>;
}

function Running({ since }: { since: string }) {
  const locale = useLocale();
  const now = useNow();
  return <span className="numeric">{duration(Math.max(0, Math.floor((now - Date.parse(since)) / 1000)), locale)}</span>;
}
