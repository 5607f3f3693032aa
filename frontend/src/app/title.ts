import { useEffect } from "react";
import { words } from "../strings";

/** Names the page for tabs, history and screen readers: "Documents – Footnote". */
export function useTitle(name: string): void {
  useEffect(() => {
    document.title = name === "" ? words.product : `${name} – ${words.product}`;
  }, [name]);
}
