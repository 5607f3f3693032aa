import { useCallback, useState } from "react";
import { keep, kept } from "../session/kept";

export type Mode = "page" | "text" | "both";

const KEY = "source.mode";

/** How sources are shown, remembered in this tab. */
export function useMode(): [Mode, (mode: Mode) => void] {
  const [mode, setMode] = useState<Mode>(() => {
    const last = kept(KEY);
    return last === "text" || last === "both" ? last : "page";
  });
  const choose = useCallback((wanted: Mode) => {
    keep(KEY, wanted);
    setMode(wanted);
  }, []);
  return [mode, choose];
}
