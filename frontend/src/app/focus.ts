import { useEffect } from "react";

/** So long whoever closes or moves something has time to put the focus where it belongs. */
const OTHERS_FIRST_MS = 200;

/**
 * The focus is not lost with what has it: a button that was disabled while its work is done gets it back afterwards, and
 * what is gone leaves it to the nearest part around it that can have it, at last to the view. Who has clicked beside
 * everything, or has gone to the browser's own bars, has left it.
 */
export function useFocusKept(): void {
  useEffect(() => {
    let path: HTMLElement[] = [];
    let disabled = false;
    let timer = 0;
    const onFocus = ({ target }: FocusEvent) => {
      path = [];
      for (let one = target instanceof HTMLElement ? target : null; one !== null; one = one.parentElement) path.push(one);
    };
    const onBlur = ({ target }: FocusEvent) => {
      disabled = target instanceof HTMLElement && target.matches(":disabled");
    };
    const onPointer = () => {
      path = [];
    };
    const restore = () => {
      timer = 0;
      const [had] = path;
      if (!isLost() || had === undefined) return;
      if (!had.isConnected) (path.find((one) => one.isConnected && one.hasAttribute("tabindex")) ?? document.getElementById("main"))?.focus();
      else if (disabled) had.focus(); // in vain as long as it is: that it no longer is changes the page as well
    };
    const observer = new MutationObserver(() => {
      if (timer === 0 && path.length > 0 && isLost()) timer = window.setTimeout(restore, OTHERS_FIRST_MS);
    });
    observer.observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["disabled"] });
    document.addEventListener("focusin", onFocus);
    document.addEventListener("focusout", onBlur);
    document.addEventListener("pointerdown", onPointer);
    return () => {
      observer.disconnect();
      clearTimeout(timer);
      document.removeEventListener("focusin", onFocus);
      document.removeEventListener("focusout", onBlur);
      document.removeEventListener("pointerdown", onPointer);
    };
  }, []);
}

function isLost(): boolean {
  return document.activeElement === null || document.activeElement === document.body;
}
