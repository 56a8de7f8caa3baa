import { DropdownMenu } from "radix-ui";
import { useT } from "@/catalogue/use";
import { Icon } from "@/parts/Icon";
import { Menu, MenuChoice, MenuLine, MenuText } from "@/parts/Menu";
import menu from "@/parts/Menu.module.css";
import styles from "./Dags.module.css";

interface Props {
  all: readonly string[];
  chosen: readonly string[];
  mode: "any" | "all";
  onChange: (chosen: string[]) => void;
  onMode: (mode: "any" | "all") => void;
}

/** Chooses some of the tags there are. */
export function TagMenu({ all, chosen, mode, onChange, onMode }: Props) {
  const t = useT();
  const toggle = (tag: string) => onChange(chosen.includes(tag) ? chosen.filter((one) => one !== tag) : [...chosen, tag]);
  return (
    <Menu
      label={t("dags.tags")}
      trigger={
        <button type="button" className={styles.toggle} aria-pressed={chosen.length > 0}>
          {chosen.length > 0 ? `${t("dags.tags")}: ${chosen.join(", ")}` : t("dags.tags")}
          <Icon name="down" />
        </button>
      }
    >
      {all.length === 0 && <MenuText>{t("dags.noTags")}</MenuText>}
      {all.map((tag) => (
        <DropdownMenu.CheckboxItem
          key={tag}
          className={menu.item}
          translate="no"
          checked={chosen.includes(tag)}
          onCheckedChange={() => toggle(tag)}
          // Several are chosen one after another.
          onSelect={(event) => event.preventDefault()}
        >
          <span className={menu.mark}>
            <DropdownMenu.ItemIndicator>
              <Icon name="check" />
            </DropdownMenu.ItemIndicator>
          </span>
          {tag}
        </DropdownMenu.CheckboxItem>
      ))}
      {chosen.length > 1 && (
        <>
          <MenuLine />
          <MenuChoice
            label={t("dags.tags")}
            value={mode}
            options={[
              { value: "any", label: t("dags.tagsAny") },
              { value: "all", label: t("dags.tagsAll") },
            ]}
            onChange={(value) => onMode(value as "any" | "all")}
          />
        </>
      )}
    </Menu>
  );
}
