import { expect, it } from "vitest";
import type { Answer, Sentence } from "../client/types";
import { paragraphs } from "./paragraphs";

it("breaks where the answer does, counting code points", () => {
  const answer = { answer: "😀 One. Two.\n\nThree." } as Answer;
  const spans = [
    [0, 6],
    [7, 11],
    [13, 19],
  ] as const;
  const sentences = spans.map(([start, end]) => ({ start, end }) as Sentence);
  expect(paragraphs(sentences, answer).map((p) => p.length)).toEqual([2, 1]);
});

it("keeps one paragraph while the answer is not complete", () => {
  expect(
    paragraphs(
      [
        { start: 0, end: 4 },
        { start: 6, end: 9 },
      ] as Sentence[],
      null,
    ),
  ).toHaveLength(1);
});
