import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useDeferredValue, useId, useRef, useState } from "react";
import { api } from "@/api/client";
import { useT } from "@/catalogue/use";
import { Dialog } from "@/parts/Dialog";
import { Icon, type IconName } from "@/parts/Icon";
import { dagAddress } from "@/parts/links";
import { navItems } from "./nav";
import styles from "./Palette.module.css";

interface Entry {
  id: string;
  group: string;
  icon: IconName;
  label: string;
  hint?: string;
  run: () => void;
}

interface Props {
  onClose: () => void;
  onHelp: () => void;
  onSettings: () => void;
}

/** Goes anywhere by name, with the keyboard only. */
export function Palette({ onClose, onHelp, onSettings }: Props) {
  const t = useT();
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState(0);
  const list = useId();
  const box = useRef<HTMLDivElement>(null);
  const entries = useEntries(query, { onClose, onHelp, onSettings });
  const at = Math.min(chosen, entries.length - 1);
  const move = (step: number) => {
    const next = entries.length === 0 ? 0 : (at + step + entries.length) % entries.length;
    setChosen(next);
    box.current?.querySelector(`[data-index="${next}"]`)?.scrollIntoView({ block: "nearest" });
  };
  const open = (entry: Entry | undefined) => entry?.run();
  return (
    <Dialog title={t("shell.palette")} high onClose={onClose}>
      <div className={styles.field}>
        <Icon name="search" />
        <input
          type="text"
          role="combobox"
          aria-expanded="true"
          aria-controls={list}
          aria-activedescendant={entries[at] ? `${list}-${at}` : undefined}
          aria-label={t("shell.paletteHint")}
          placeholder={t("shell.paletteHint")}
          data-focus
          autoComplete="off"
          spellCheck={false}
          value={query}
          onChange={(event) => {
            setQuery(event.target.value);
            setChosen(0);
          }}
          onKeyDown={(event) => {
            if (event.nativeEvent.isComposing) return;
            if (event.key === "ArrowDown") move(1);
            else if (event.key === "ArrowUp") move(-1);
            else if (event.key === "Enter") open(entries[at]);
            else return;
            event.preventDefault();
          }}
        />
      </div>
      <div id={list} ref={box} role="listbox" aria-label={t("shell.palette")} className={styles.list}>
        {entries.map((entry, index) => (
          <div
            key={entry.id}
            id={`${list}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            data-index={index}
            className={styles.entry}
            onMouseMove={() => setChosen(index)}
            onClick={() => open(entry)}
          >
            <Icon name={entry.icon} />
            <span className="truncate">{entry.label}</span>
            {entry.hint && <span className={`${styles.hint} truncate`}>{entry.hint}</span>}
            <span className={styles.group}>{entry.group}</span>
          </div>
        ))}
      </div>
      {entries.length === 0 && (
        <p className="soft" role="status">
          {t("shell.paletteEmpty", { query })}
        </p>
      )}
    </Dialog>
  );
}

function useEntries(query: string, { onClose, onHelp, onSettings }: Props): Entry[] {
  const t = useT();
  const navigate = useNavigate();
  const asked = useDeferredValue(query.trim());
  const found = useQuery({
    queryKey: ["dags", "palette", asked],
    queryFn: ({ signal }) => api.get("/api/v2/tradewind/dags", { query: { search: asked, limit: 10 }, signal }),
    enabled: asked !== "",
    placeholderData: (before) => before,
  });
  const go = (act: () => void) => () => {
    onClose();
    act();
  };
  const matches = (label: string) => label.toLocaleLowerCase().includes(query.trim().toLocaleLowerCase());
  const pages = navItems.map((item): Entry => ({
    id: `page:${item.to}`,
    group: t("shell.palettePages"),
    icon: item.icon,
    label: t(item.label as "shell.home"),
    run: go(() => void navigate({ to: item.to })),
  }));
  const actions: Entry[] = [
    { id: "settings", group: t("shell.paletteActions"), icon: "settings", label: t("shell.settings"), run: onSettings },
    { id: "help", group: t("shell.paletteActions"), icon: "info", label: t("shell.shortcuts"), run: onHelp },
  ];
  const dags = (asked === "" ? [] : (found.data?.dags ?? [])).map((dag): Entry => ({
    id: `dag:${dag.dag_id}`,
    group: t("shell.paletteDags"),
    icon: "dags",
    label: dag.dag_display_name,
    ...(dag.description ? { hint: dag.description } : {}),
    run: go(() => void navigate(dagAddress(dag.dag_id))),
  }));
  return [...pages.filter((entry) => matches(entry.label)), ...dags, ...actions.filter((entry) => matches(entry.label))];
}
