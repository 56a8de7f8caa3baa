import { useQuery } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import { useConfig } from "@/api/config";
import { tagsQuery } from "@/api/queries";
import { useT } from "@/catalogue/use";
import { useShortcuts } from "@/keys/use";
import { Button } from "@/parts/Button";
import { Choices, SelectField, TextField } from "@/parts/fields";
import { Icon } from "@/parts/Icon";
import styles from "./Dags.module.css";
import { type DagFilters, isFiltered, runStates } from "./filters";
import { TagMenu } from "./TagMenu";

interface Props {
  filters: DagFilters;
  change: (change: DagFilters) => void;
}

const none: DagFilters = {
  search: undefined,
  tags: undefined,
  paused: undefined,
  last_run_state: undefined,
  owner: undefined,
  favorite: undefined,
  has_import_errors: undefined,
};

export function FilterBar({ filters, change }: Props) {
  const t = useT();
  const { hide_paused_dags_by_default = false } = useConfig();
  const tags = useQuery(tagsQuery);
  const everything = hide_paused_dags_by_default ? "all" : undefined;
  return (
    <search className={styles.filters}>
      <SearchField value={filters.search ?? ""} onChange={(search) => change({ search: search || undefined })} />
      <Choices
        label={t("dags.status")}
        bare
        value={filters.paused ?? (hide_paused_dags_by_default ? "false" : "all")}
        options={[
          { value: "all", label: t("common.all") },
          { value: "false", label: t("dags.active") },
          { value: "true", label: t("dags.paused") },
        ]}
        onChange={(value) => change({ paused: value === "all" ? everything : (value as "true" | "false") })}
      />
      <SelectField
        bare
        label={t("dags.lastRunState")}
        value={filters.last_run_state ?? ""}
        options={[
          { value: "", label: `${t("dags.lastRunState")}: ${t("common.all")}` },
          ...runStates.map((state) => ({ value: state, label: `${t("dags.lastRunState")}: ${t(`state.${state}`)}` })),
        ]}
        onChange={(event) => change({ last_run_state: (event.target.value || undefined) as DagFilters["last_run_state"] })}
      />
      <TagMenu
        all={tags.data?.tags ?? []}
        chosen={filters.tags ?? []}
        mode={filters.tags_match_mode ?? "any"}
        onChange={(chosen) => change({ tags: chosen.length > 0 ? chosen : undefined })}
        onMode={(mode) => change({ tags_match_mode: mode === "any" ? undefined : mode })}
      />
      <Toggle icon="star" on={filters.favorite === true} onChange={(on) => change({ favorite: on || undefined })}>
        {t("dags.favorites")}
      </Toggle>
      <Toggle icon="error" on={filters.has_import_errors === true} onChange={(on) => change({ has_import_errors: on || undefined })}>
        {t("dags.importErrors")}
      </Toggle>
      {isFiltered(filters) && (
        <Button kind="quiet" icon="close" onClick={() => change(none)}>
          {t("common.clearFilters")}
        </Button>
      )}
    </search>
  );
}

function Toggle({ icon, on, onChange, children }: { icon: "star" | "error"; on: boolean; onChange: (on: boolean) => void; children: string }) {
  return (
    <button type="button" className={styles.toggle} aria-pressed={on} onClick={() => onChange(!on)}>
      <Icon name={icon} filled={on && icon === "star"} />
      {children}
    </button>
  );
}

/** How long after the last letter the list is asked for. */
const PAUSE = 200;

function SearchField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const t = useT();
  const [typed, setTyped] = useState(value);
  const sent = useRef(value);
  const field = useRef<HTMLDivElement>(null);
  const send = useEffectEvent((text: string) => {
    sent.current = text;
    onChange(text);
  });
  // The address changed by itself: back, a link, or the filters cleared.
  useEffect(() => {
    if (value === sent.current) return;
    sent.current = value;
    setTyped(value);
  }, [value]);
  useEffect(() => {
    if (typed === sent.current) return;
    const timer = setTimeout(() => send(typed), PAUSE);
    return () => clearTimeout(timer);
  }, [typed]);
  useShortcuts([{ keys: "/", label: "dags.keySearch", local: true, run: () => field.current?.querySelector("input")?.focus() }]);
  return (
    <div ref={field} className={styles.search}>
      <TextField bare type="search" label={t("dags.search")} placeholder={t("dags.search")} value={typed} onChange={(event) => setTyped(event.target.value)} />
    </div>
  );
}
