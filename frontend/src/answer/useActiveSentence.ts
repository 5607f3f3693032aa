import { useCallback } from "react";
import { useSource } from "../app/source";

/** The number of the sentence of the answer to a question that is looked at, here or in the pane; and how to tell it. */
export function useActiveSentence(of: string): [number | null, (number: number | null) => void] {
  const { activeSentence, setActiveSentence } = useSource();
  const setActive = useCallback(
    (number: number | null) => setActiveSentence(number === null ? null : { of, number }),
    [of, setActiveSentence],
  );
  return [activeSentence?.of === of ? activeSentence.number : null, setActive];
}
