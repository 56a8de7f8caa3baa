import { Link, Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { lazy, type RefObject, Suspense, useEffect, useEffectEvent, useRef, useState } from "react";
import { useConfig } from "@/api/config";
import { useT } from "@/catalogue/use";
import { caps } from "@/keys/registry";
import { useKeyboard, useShortcuts } from "@/keys/use";
import { Live, useLiveStatus } from "@/live/Live";
import { IconButton } from "@/parts/Button";
import { useKeptFocus } from "@/parts/focus";
import { Icon } from "@/parts/Icon";
import { Portal } from "@/parts/portal";
import { Tip } from "@/parts/Tip";
import { AccountMenu } from "./AccountMenu";
import { navItems } from "./nav";
import styles from "./Shell.module.css";
import { ZoneMenu } from "./ZoneMenu";

const loadPalette = () => import("./Palette");
const Palette = lazy(() => loadPalette().then((module) => ({ default: module.Palette })));
const Help = lazy(() => import("./Help").then((module) => ({ default: module.Help })));
const SettingsDialog = lazy(() => import("./SettingsDialog").then((module) => ({ default: module.SettingsDialog })));

type Open = "palette" | "help" | "settings" | null;

/** What is around every screen. */
export function Shell() {
  const t = useT();
  const navigate = useNavigate();
  const [open, setOpen] = useState<Open>(null);
  const [menu, setMenu] = useState(false);
  const main = useRef<HTMLElement>(null);
  const [tips, setTips] = useState<HTMLElement | null>(null);
  useKeyboard();
  useShortcuts([
    { keys: "mod+k", label: "shell.keyPalette", run: () => setOpen("palette") },
    { keys: "?", label: "shell.keyHelp", run: () => setOpen("help") },
    ...navItems.flatMap((item) =>
      item.letter ? [{ keys: `g ${item.letter}`, label: item.label, run: () => void navigate({ to: item.to }) }] : [],
    ),
  ]);
  useEffect(() => {
    // Whoever opens it types at once.
    const timer = setTimeout(() => void loadPalette().catch(() => undefined), 1000);
    return () => clearTimeout(timer);
  }, []);
  usePageChange(main, () => setMenu(false));
  useKeptFocus(main);
  return (
    <Live>
      {/* Tips and menus belong to a landmark, as all that is read does. */}
      <Portal value={tips}>
        <a
          className={styles.skip}
          href="#main"
          onClick={(event) => {
            // The address belongs to the router (and <base> would change it).
            event.preventDefault();
            main.current?.focus();
          }}
        >
          {t("shell.skip")}
        </a>
        <div className={styles.shell}>
          <header className={styles.top}>
            <IconButton
              icon="menu"
              label={t("shell.menu")}
              className={styles.menuButton}
              aria-expanded={menu}
              aria-controls="navigation"
              onClick={() => setMenu(!menu)}
            />
            <button type="button" className={styles.search} onClick={() => setOpen("palette")} aria-keyshortcuts="Control+K Meta+K">
              <Icon name="search" />
              <span className={styles.searchText}>{t("shell.paletteHint")}</span>
              <span className={styles.searchKeys} aria-hidden="true">
                {caps("mod+k")[0]?.map((cap) => (
                  <kbd key={cap}>{cap}</kbd>
                ))}
              </span>
            </button>
            <div className={styles.tools}>
              <LiveSign />
              <ZoneMenu />
              <IconButton icon="settings" label={t("shell.settings")} onClick={() => setOpen("settings")} />
              <Tip text={t("shell.shortcuts")}>
                <button type="button" className={styles.help} aria-label={t("common.help")} onClick={() => setOpen("help")}>
                  ?
                </button>
              </Tip>
              <AccountMenu onSettings={() => setOpen("settings")} />
            </div>
          </header>
          <Navigation open={menu} />
          <main id="main" ref={main} tabIndex={-1} className={styles.main}>
            <Outlet />
            <div ref={setTips} />
          </main>
        </div>
        <Suspense>
          {open === "palette" && <Palette onClose={() => setOpen(null)} onHelp={() => setOpen("help")} onSettings={() => setOpen("settings")} />}
          {open === "help" && <Help onClose={() => setOpen(null)} />}
          {open === "settings" && <SettingsDialog onClose={() => setOpen(null)} />}
        </Suspense>
      </Portal>
    </Live>
  );
}

function Navigation({ open }: { open: boolean }) {
  const t = useT();
  const { instance_name, version } = useConfig();
  return (
    <nav id="navigation" className={`${styles.nav} ${open ? styles.navOpen : ""}`} aria-label={t("shell.navigation")}>
      <Link to="/" className={styles.brand}>
        <svg viewBox="0 0 32 32" aria-hidden="true">
          <path d="M6 12h13a4 4 0 1 0-4-4M6 17.5h17a4 4 0 1 1-4 4M6 23h7" />
        </svg>
        <span className="truncate" translate="no">{instance_name}</span>
      </Link>
      {(["work", "manage"] as const).map((group) => {
        const items = navItems.filter((item) => item.group === group);
        if (items.length === 0) return null;
        return (
          <div key={group} className={styles.group}>
            <h2>{t(group === "work" ? "shell.groupWork" : "shell.groupAdmin")}</h2>
            <ul>
              {items.map((item) => (
                <li key={item.to}>
                  <Link
                    to={item.to}
                    className={styles.item}
                    activeOptions={{ exact: item.to === "/", includeSearch: false }}
                    activeProps={{ className: styles.active ?? "" }}
                  >
                    <Icon name={item.icon} />
                    {t(item.label as "shell.home")}
                  </Link>
                </li>
              ))}
            </ul>
          </div>
        );
      })}
      {version && <p className={styles.version}>{t("shell.version", { version })}</p>}
    </nav>
  );
}

/** After a change of the screen the reader starts at its title, and a menu over the page goes away. */
function usePageChange(main: RefObject<HTMLElement | null>, changed: () => void): void {
  const path = useRouterState({ select: (state) => state.resolvedLocation?.pathname });
  const first = useRef(true);
  const act = useEffectEvent(changed);
  useEffect(() => {
    if (path === undefined) return;
    if (first.current) {
      first.current = false;
      return;
    }
    act();
    // What the reader did on the page that is gone left the focus nowhere.
    if (document.activeElement === document.body) main.current?.focus({ preventScroll: true });
  }, [path, main]);
}

function LiveSign() {
  const t = useT();
  const status = useLiveStatus();
  return (
    <output>
      {status === "broken" && (
        <Tip text={t("shell.liveOffHint")}>
          <button type="button" className={styles.broken}>
            <Icon name="refresh" />
            {t("shell.liveOff")}
          </button>
        </Tip>
      )}
    </output>
  );
}
