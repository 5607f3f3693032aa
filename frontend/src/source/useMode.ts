import { useCallback, useState } from "react";

export type Mode = "page" | "text" | "both";

const KEY = "footnote.source.mode";

/** How sources are shown, remembered in this tab. */
export function useMode(): [Mode, (mode: Mode) => void] {
  const [mode, setMode] = useState<Mode>(() => {
    const kept = sessionStorage.getItem(KEY);
    return kept === "text" || kept === "both" ? kept : "page";
  });
  const choose = useCallback((wanted: Mode) => {
    sessionStorage.setItem(KEY, wanted);
    setMode(wanted);
  }, []);
  return [mode, choose];
}
