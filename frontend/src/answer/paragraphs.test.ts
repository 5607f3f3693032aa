import { expect, it } from "vitest";
import type { Sentence } from "../client/types";
import { paragraphs } from "./paragraphs";

it("begins a paragraph with each part of the question", () => {
  const sentences = [0, 1, 1, 2].map((part, start) => ({ start, part }) as Sentence);
  expect(paragraphs(sentences.slice(1)).map((sentences) => sentences.length)).toEqual([2, 1]);
  expect(paragraphs(sentences.slice(0, 1))).toHaveLength(1);
  expect(paragraphs([])).toEqual([]);
});
