import type { Sentence } from "../client/types";

/** The sentences in paragraphs: one for each part of the question. */
export function paragraphs(sentences: Sentence[]): Sentence[][] {
  const result: Sentence[][] = [];
  for (const sentence of sentences) {
    const current = result.at(-1);
    if (current?.[0]?.part === sentence.part) current.push(sentence);
    else result.push([sentence]);
  }
  return result;
}
