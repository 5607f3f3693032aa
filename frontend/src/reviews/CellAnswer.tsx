import { useSource } from "../app/source";
import { TurnView } from "../chat/TurnView";
import type { Answer } from "../client/types";

interface Props {
  question: string;
  answer: Answer;
}

export function CellAnswer({ question, answer }: Props) {
  const { openCitation } = useSource();
  const { sentences, citations } = answer;
  const none = { stage: null, place: 0, passages: null, partTitles: [], problem: null };
  return <TurnView turn={{ id: 1, question, phase: "done", sentences, citations, answer, ...none }} onCite={openCitation} onRetry={undefined} />;
}
