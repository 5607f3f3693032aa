import { type RefObject, useLayoutEffect, useState } from "react";

/** Where the page itself needs the room. */
export const PHONE = "(max-width: 40rem)";

/** The inner width of an element in pixels, kept up to date; 0 before it is in the page. */
export function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const found = element.current;
    if (found === null) return;
    const measure = () => setWidth(found.clientWidth);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(found);
    return () => observer.disconnect();
  }, [element]);
  return width;
}
