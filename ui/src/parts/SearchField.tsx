import { useEffect, useEffectEvent, useState } from "react";
import { useT } from "@/catalogue/use";
import { TextField } from "./fields";
import styles from "./table.module.css";

const PAUSE = 250;

/** A search that is told a moment after the last letter. */
export function SearchField({ value, label, onChange }: { value: string; label: string; onChange: (value: string) => void }) {
  const t = useT();
  const [text, setText] = useState(value);
  const [told, setTold] = useState(value);
  // The address changed by other means, such as the way back.
  if (value !== told) {
    setTold(value);
    setText(value);
  }
  const tell = useEffectEvent(() => {
    setTold(text);
    onChange(text);
  });
  useEffect(() => {
    if (text === told) return;
    const timer = setTimeout(tell, PAUSE);
    return () => clearTimeout(timer);
  }, [text, told]);
  return (
    <div className={styles.search}>
      <TextField type="search" label={label} bare placeholder={t("common.search")} value={text} onChange={(event) => setText(event.target.value)} />
    </div>
  );
}
