import { describe, expect, it } from "vitest";
import type { Answer, Citation, Sentence } from "../client/types";
import { answerMarkdown, answerText } from "./copying";

const cite = (id: number, quote: string, change: Partial<Citation> = {}) =>
  ({ id, title: "Supply Agreement", section_path: ["2. Fees", "4. Orders"], page: 3, page_label: "2", cell: "", bates: "", version: 2, quote, warnings: [], ...change }) as unknown as Citation;
const say = (text: string, citations: number[], part = 0): Sentence => ({ text, start: 0, end: 0, verdict: "entailed", support: 1, citations, note: "", part, cautions: [] });

const ANSWER = {
  status: "answered", why: "", answer: "", explanation: "", sentences: [], citations: [], cautions: [], assumed: [], left_aside: [], withheld: 0, abstention: null, audit_id: "a-1",
} as unknown as Answer;
const RENT: Answer = {
  ...ANSWER,
  sentences: [say("The rent is 95000.", [1, 3]), say("It holds for 5 years.", [12])],
  citations: [cite(1, "Rent\n95000"), cite(2, "Not used."), cite(3, "Rent | 95000", { title: "Prices", cell: "B7", section_path: [] }), cite(12, "for five years")],
};

describe("an answer as text", () => {
  it("keeps numbers and references apart, and lists what is cited and nothing else", () => {
    const text = answerText({ question: "What is the rent?", answer: RENT });
    expect(text.split("\n\n")).toEqual([
      "What is the rent?",
      "The rent is 95000. [1] [3] It holds for 5 years. [12]",
      "Sources:\n" +
        "[1] Supply Agreement, 4. Orders, page 2 (3 of the file), version 2: “Rent 95000”\n" +
        "[3] Prices, B7, version 2: “Rent | 95000”\n" +
        "[12] Supply Agreement, 4. Orders, page 2 (3 of the file), version 2: “for five years”",
      "Audit id: a-1",
    ]);
    expect(text.match(/\d+/g)?.filter((number) => number.startsWith("95"))).toEqual(["95000", "95000", "95000"]);
  });

  it("says what it was narrowed to, and of which day", () => {
    const text = answerText({ question: "Q?", narrowed: "Only: “Lease”; as of 1 Mar 2025; check: strict", answer: RENT });
    expect(text.split("\n\n")[1]).toBe("Only: “Lease”; as of 1 Mar 2025; check: strict");
  });

  it("tells what is missing: withheld, partial, unsure, taken to mean", () => {
    const assumed = [{ words: "the lease", title: "Lease", version: 1, version_id: "v", document_id: "d", alternatives: 3 }];
    const cautions = [{ kind: "ocr", words: "The page is hard to read.", citations: [1, 3] }] as unknown as Answer["cautions"];
    const text = answerText({ question: "Q?", answer: { ...RENT, status: "partial", explanation: "The deposit was not found.", withheld: 2, cautions, assumed } });
    expect(text.split("\n\n").slice(2, 6)).toEqual([
      "The deposit was not found.",
      "[1] [3] The page is hard to read.",
      "“the lease” fits 3 documents that you may read. Taken to mean: Lease (version 1).",
      "2 sentences were withheld: they did not pass the check against the documents.",
    ]);
  });

  it("names the document of each part of a comparison", () => {
    const answer = { ...RENT, sentences: [say("Notice is 30 days.", [1], 1), say("Notice is 60 days.", [12], 2)] };
    expect(answerText({ question: "Q?", answer, partTitles: ["Lease A", "Lease B"] })).toContain("Lease A: Notice is 30 days. [1]\n\nLease B: Notice is 60 days. [12]");
  });

  it.each([
    ["nothing_found", [], ["Nothing found", "Nothing is said of it.", "Searched for “rent”; nothing came up in the documents that you may read."]],
    ["nothing_drafted", [cite(1, "Rent 7")], ["No answer was written, but these passages may hold one", "Read them yourself: nothing below was checked against your question.", "Searched for “rent” and looked at 8 passages of 2 documents."]],
    ["not_supported", [cite(1, "Rent 7")], ["An answer was drafted, but it did not pass the check. These passages may hold one", "Nothing is said of it.", "Searched for “rent” and looked at 8 passages of 2 documents."]],
  ] as const)("says of which kind none is: %s", (why, nearest, lines) => {
    const searched = { query: "rent", documents: nearest.length * 2, passages: nearest.length * 8, clues: [] };
    const answer = { ...ANSWER, status: "abstained", why, answer: "Nothing is said of it.", abstention: { searched, nearest } } as unknown as Answer;
    const below = nearest.length === 0 ? [] : ["Nearest passages:\n[1] Supply Agreement, 4. Orders, page 2 (3 of the file), version 2: “Rent 7”"];
    expect(answerText({ question: "Q?", answer }).split("\n\n")).toEqual(["Q?", ...lines, ...below, "Audit id: a-1"]);
    const list = nearest.length === 0 ? [] : ["Nearest passages:", "- \\[1\\] Supply Agreement, 4. Orders, page 2 (3 of the file), version 2: “Rent 7”"];
    expect(answerMarkdown({ question: "Q?", answer }).split("\n\n")).toEqual(["## Q?", ...lines, ...list, "Audit id: a-1"]);
  });
});

describe("an answer as Markdown", () => {
  it("has a footnote for each source that is cited", () => {
    expect(answerMarkdown({ question: "What is\nthe rent?", narrowed: "Only: as of 1 Mar 2025", answer: RENT }).split("\n\n")).toEqual([
      "## What is the rent?",
      "Only: as of 1 Mar 2025",
      "The rent is 95000.[^1][^3] It holds for 5 years.[^12]",
      "[^1]: Supply Agreement, 4. Orders, page 2 (3 of the file), version 2: “Rent 95000”\n" +
        "[^3]: Prices, B7, version 2: “Rent \\| 95000”\n" +
        "[^12]: Supply Agreement, 4. Orders, page 2 (3 of the file), version 2: “for five years”",
      "Audit id: a-1",
    ]);
  });

  it("takes no word of a document for markup", () => {
    const answer = { ...ANSWER, sentences: [say("4. Rent *is* <b>500</b> & [1] &copy; x_y.", [1])], citations: [cite(1, "- a\n1. b | `c`")] };
    const [, body, notes] = answerMarkdown({ question: "#1", answer }).split("\n\n");
    expect(body).toBe("4\\. Rent \\*is\\* \\<b\\>500\\</b\\> & \\[1\\] \\&copy; x\\_y.[^1]");
    expect(notes).toContain("“\\- a 1. b \\| \\`c\\`”");
  });
});
