import { expect, test } from "vitest";
import { parseQuestions } from "./questions";

test("one a line, without the numbers of a list and without empty lines", () => {
  const { questions } = parseQuestions("1. What is the rent?\r\n\r\n2)  Who may  end it?\n- When?\n• Where?\n—\n");
  expect(questions).toEqual(["What is the rent?", "Who may end it?", "When?", "Where?"]);
});

test("a number that belongs to the question stays", () => {
  expect(parseQuestions("2024 rent?\n4.3 of the lease: what does it say?").questions).toEqual([
    "2024 rent?",
    "4.3 of the lease: what does it say?",
  ]);
});

test("of a table the first column with words; a cell over lines is one question", () => {
  const { questions } = parseQuestions('What is the rent?\tyes\n"With how much notice\nmay ""Kestrel"" end it?"\t3\n\tWho signs?\t\n');
  expect(questions).toEqual(["What is the rent?", 'With how much notice may "Kestrel" end it?', "Who signs?"]);
});

test("quotes that do not span the cell are words of the question", () => {
  expect(parseQuestions('"Kestrel" may end it when?\n"Why').questions).toEqual(['"Kestrel" may end it when?', '"Why']);
});

test("what is asked twice is asked once, and told", () => {
  expect(parseQuestions("Who signs?\nWHO SIGNS?\nWho  signs?")).toEqual({ questions: ["Who signs?"], twice: 2 });
});

test("a long paste does not take long", () => {
  const { questions } = parseQuestions(Array.from({ length: 2000 }, (_, at) => `Question ${at} of the table?\tx`).join("\n"));
  expect(questions).toHaveLength(2000);
});
