import { useT } from "@/catalogue/use";
import { IconButton } from "./Button";
import { notify } from "./notices";

/** Puts a text into the clipboard. */
export function CopyButton({ text, label }: { text: string; label?: string }) {
  const t = useT();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      notify({ kind: "done", text: t("common.copied") });
    } catch (error) {
      notify({ kind: "failed", error });
    }
  };
  return <IconButton icon="copy" label={label ?? t("common.copy")} onClick={() => void copy()} />;
}
