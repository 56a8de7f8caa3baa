import { type RefObject, useEffect } from "react";

/** What a reader gets back whose place is gone: the page itself. */
const PAGE = "main";
const FOCUSABLE = 'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), summary, [tabindex]:not([tabindex="-1"])';
/** Whatever takes the focus on purpose when something goes away has done it by then (milliseconds). */
const PATIENCE = 50;

/** Whether it took the focus: what is gone, hidden or disabled does not. */
function took(element: HTMLElement | null): boolean {
  if (!element?.isConnected) return false;
  element.focus({ preventScroll: true });
  return document.activeElement === element;
}

/** Remembers what has the focus; the function it returns gives it back: to the button of a menu whose entry is gone, and if all is gone to the page. */
export function rememberFocus(): () => void {
  const active = document.activeElement instanceof HTMLElement && document.activeElement !== document.body ? document.activeElement : null;
  const trigger = active?.closest("[role=menu]")?.getAttribute("aria-labelledby");
  return () => {
    if (took(active)) return;
    if (trigger && took(document.getElementById(trigger))) return;
    took(document.querySelector<HTMLElement>(PAGE));
  };
}

interface Step {
  element: Element;
  /** Its place among its siblings. */
  place: number;
}

/** From an element up to the page. */
export function trailOf(from: Element, root: Element): Step[] {
  const trail: Step[] = [];
  for (let element: Element | null = from; element && root.contains(element); element = element.parentElement) {
    trail.push({ element, place: element.parentElement ? [...element.parentElement.children].indexOf(element) : 0 });
  }
  return trail;
}

/** Gives the focus to what took the place of something that is gone, else to what stands before it, else to what they are in. */
export function passOn(trail: readonly Step[]): void {
  for (const [index, { element }] of trail.entries()) {
    const gone = trail[index - 1];
    if (!gone || !element.isConnected) continue;
    // When all of the page is another, its reader starts at its beginning.
    const neighbours = index === trail.length - 1 ? [] : [element.children[gone.place], element.children[gone.place - 1]];
    for (const near of neighbours) {
      if (!(near instanceof HTMLElement)) continue;
      if ([near, ...near.querySelectorAll<HTMLElement>(FOCUSABLE)].some((one) => one.matches(FOCUSABLE) && took(one))) return;
    }
    if (took(element as HTMLElement)) return;
  }
}

/** Keeps the focus of the keyboard on the page when what has it goes away: a row that is deleted, a button that is needed no more. */
export function useKeptFocus(root: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const page = root.current;
    if (!page) return;
    let trail: Step[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const remember = ({ target }: FocusEvent) => {
      trail = trailOf(target as Element, page);
    };
    // A press beside everything takes the focus away on purpose.
    const forget = () => {
      trail = [];
    };
    const lost = () => document.activeElement === document.body && trail[0] !== undefined && !trail[0].element.isConnected;
    const observer = new MutationObserver(() => {
      if (timer !== undefined || !lost()) return;
      timer = setTimeout(() => {
        timer = undefined;
        if (lost()) passOn(trail);
      }, PATIENCE);
    });
    observer.observe(page, { childList: true, subtree: true });
    document.addEventListener("focusin", remember);
    document.addEventListener("pointerdown", forget, true);
    return () => {
      clearTimeout(timer);
      observer.disconnect();
      document.removeEventListener("focusin", remember);
      document.removeEventListener("pointerdown", forget, true);
    };
  }, [root]);
}
