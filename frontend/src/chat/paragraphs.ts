import type { Answer, Sentence } from "../client/types";
import { CodePoints } from "../codePoints";

/** The sentences in paragraphs: a new one begins where the answer has a line break between two sentences. */
export function paragraphs(sentences: Sentence[], answer: Answer | null): Sentence[][] {
  const points = new CodePoints(answer?.answer ?? "");
  const result: Sentence[][] = [];
  let previousEnd = 0;
  for (const sentence of sentences) {
    const current = result.at(-1);
    if (current === undefined || points.slice(previousEnd, sentence.start).includes("\n")) result.push([sentence]);
    else current.push(sentence);
    previousEnd = sentence.end;
  }
  return result;
}
