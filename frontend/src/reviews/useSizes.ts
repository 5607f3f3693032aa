import { type RefObject, useLayoutEffect, useState } from "react";

/** Sizes of the matrix in pixels; made of the size of the page's letters, so that they grow with it. */
interface Sizes {
  first: number;
  column: number;
  rowHeight: number;
  headHeight: number;
}

const ROW_REM = 7;
const HEAD_REM = 4.75;
const COLUMN_REM = 17;
const WIDEST_REM = 34;

/** The first column, and questions that share what is left as long as that leaves them readable. */
export function sizesOf(width: number, rem: number, questions: number): Sizes {
  const first = width < 48 * rem ? 11 * rem : 15 * rem;
  const share = (width - first) / Math.max(questions, 1);
  const column = Math.floor(Math.min(Math.max(share, COLUMN_REM * rem), WIDEST_REM * rem));
  return { first, column, rowHeight: ROW_REM * rem, headHeight: HEAD_REM * rem };
}

export function useSizes(element: RefObject<HTMLElement | null>, questions: number): Sizes {
  const [width, setWidth] = useState(0);
  const [rem, setRem] = useState(16);
  useLayoutEffect(() => {
    const watched = element.current;
    if (watched === null) return;
    const measure = () => {
      setWidth(watched.clientWidth);
      setRem(Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16);
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(watched);
    return () => observer.disconnect();
  }, [element]);
  return sizesOf(width, rem, questions);
}
