import { useEffect } from "react";

/** What one goes between by F6, in the order of the page: header, list, view, source. */
const AREAS = ".header, nav.conversations, #main, .source";
const FOCUSABLE = "a[href], button, input, select, textarea, [tabindex]";

/** F6 goes to the next area, Shift+F6 to the one before; each is entered where one has left it. */
export function useAreas(): void {
  useEffect(() => {
    const left = new WeakMap<Element, HTMLElement>();
    const onFocus = ({ target }: FocusEvent) => {
      const area = target instanceof HTMLElement ? target.closest(AREAS) : null;
      if (area !== null) left.set(area, target as HTMLElement);
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "F6" || event.ctrlKey || event.altKey || event.metaKey) return;
      const areas = [...document.querySelectorAll(AREAS)].filter((area) => area.closest("[inert], [aria-hidden=true]") === null);
      if (areas.length === 0) return;
      event.preventDefault();
      const at = areas.findIndex((area) => area.contains(document.activeElement));
      const next = at === -1 ? 0 : at + (event.shiftKey ? -1 : 1);
      enter(areas[(next + areas.length) % areas.length] as HTMLElement, left);
    };
    document.addEventListener("focusin", onFocus);
    document.addEventListener("keydown", onKey);
    return () => {
      document.removeEventListener("focusin", onFocus);
      document.removeEventListener("keydown", onKey);
    };
  }, []);
}

function enter(area: HTMLElement, left: WeakMap<Element, HTMLElement>) {
  const before = left.get(area);
  const current = area.querySelector<HTMLElement>("[aria-current=page]");
  const first = area.matches("[tabindex]") ? area : (current ?? area.querySelector<HTMLElement>(FOCUSABLE));
  (before?.isConnected ? before : first)?.focus();
}
