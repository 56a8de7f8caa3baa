import { createContext, useContext } from "react";

/** Where tips and menus are put: a modal dialog lies above the page, so what it opens must lie within it. */
export const Portal = createContext<HTMLElement | null>(null);

export const usePortal = (): HTMLElement | undefined => useContext(Portal) ?? undefined;
