import { expect, it } from "vitest";
import type { Citation, Sentence } from "../client/types";
import { chipNames, clauseOf, shortTitles, spokenName } from "./naming";

const cite = (id: number, document_id: string, title: string, quote = "Words.", section = "4. Orders"): Citation =>
  ({ id, document_id, title, quote, section_path: [section], page: 2, page_label: "2", cell: "", warnings: [] }) as unknown as Citation;
const rests = (...citations: number[]) => ({ citations }) as Sentence;

it("takes the clause from the quote, if it is one of the section, else the section's number", () => {
  expect(clauseOf({ quote: "4.3 The lead time", section_path: ["4. Orders"] })).toBe("4.3");
  expect(clauseOf({ quote: "5.1 The lead time", section_path: ["4. Orders"] })).toBe("4");
  expect(clauseOf({ quote: "4.4 % of it", section_path: ["Assumptions"] })).toBe("");
  expect(clauseOf({ quote: "Words", section_path: ["Schedule 2 - Prices"] })).toBe("Schedule 2");
});

it("shortens titles as far as they stay apart", () => {
  const one = cite(1, "a", "Supply Agreement - Brightwater (2025)");
  expect(shortTitles([one]).get("a")).toBe("Supply Agreement");
  const two = cite(2, "b", "Supply Agreement - Kestrel (2025)");
  expect([...shortTitles([one, two]).values()]).toEqual(["Supply Agreement - Brightwater", "Supply Agreement - Kestrel"]);
});

it("names a source once, then its place, then its number", () => {
  const citations = [cite(1, "a", "Lease", "4.3 The rent"), cite(2, "a", "Lease", "4.4 The term")];
  const [first, second, third] = chipNames([rests(1), rests(2), rests(1)], citations);
  expect(first?.[0]?.shown).toBe("Lease 4.3, p. 2");
  expect(second?.[0]?.shown).toBe("4.4, p. 2");
  expect(third?.[0]?.shown).toBe("");
  expect(spokenName(citations[1] as Citation, second?.[0] as never)).toBe("Citation 2: 4.4, p. 2 of Lease");
  expect(spokenName(citations[0] as Citation, third?.[0] as never)).toBe("Citation 1: Lease 4.3, p. 2");
});
