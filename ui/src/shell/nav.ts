import type { LinkProps } from "@tanstack/react-router";
import type { Key } from "@/catalogue/types";
import type { IconName } from "@/parts/Icon";

export interface NavItem {
  to: NonNullable<LinkProps["to"]>;
  label: Key;
  icon: IconName;
  /** The second letter of `g x`. */
  letter?: string;
  /** Under which heading. */
  group: "work" | "manage";
}

/** The main navigation: one line per screen, in order. */
export const navItems: readonly NavItem[] = [
  { to: "/", label: "shell.home", icon: "home", letter: "h", group: "work" },
  { to: "/dags", label: "shell.dags", icon: "dags", letter: "d", group: "work" },
  { to: "/assets", label: "shell.assets", icon: "assets", letter: "s", group: "work" },
  { to: "/import-errors", label: "shell.importErrors", icon: "error", letter: "i", group: "work" },
  { to: "/alerts", label: "shell.alerts", icon: "alerts", letter: "a", group: "work" },
  { to: "/connections", label: "shell.connections", icon: "connections", letter: "n", group: "manage" },
  { to: "/variables", label: "shell.variables", icon: "variables", letter: "v", group: "manage" },
  { to: "/pools", label: "shell.pools", icon: "pools", letter: "p", group: "manage" },
  { to: "/cluster", label: "shell.cluster", icon: "cluster", letter: "c", group: "manage" },
];
