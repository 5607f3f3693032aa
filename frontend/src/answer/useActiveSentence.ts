import { useCallback, useState } from "react";
import { useSource } from "../app/source";

/** The sentence that is pointed at, as the pane beside the view knows it: its number in the answer to a question. */
interface Shared {
  activeSentence?: { of: string; number: number } | null;
  setActiveSentence?: (sentence: { of: string; number: number } | null) => void;
}

/** The number of the sentence of this answer that is looked at; told to the pane, and by it. */
export function useActiveSentence(of: string): [number | null, (number: number | null) => void] {
  const [own, setOwn] = useState<number | null>(null);
  const { activeSentence, setActiveSentence } = useSource() as ReturnType<typeof useSource> & Shared;
  const setActive = useCallback(
    (number: number | null) => {
      setOwn(number);
      setActiveSentence?.(number === null ? null : { of, number });
    },
    [of, setActiveSentence],
  );
  return [own ?? (activeSentence?.of === of ? activeSentence.number : null), setActive];
}
