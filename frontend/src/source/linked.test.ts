import { expect, test } from "vitest";
import type { DocumentText } from "../client/types";
import { linkedPlace, linkedSource } from "./linked";

const ID = "1e0ac1d1-d22f-5d1d-b415-e70d308d196f";

test("an address names a place in a version", () => {
  const version_id = "v_Ab-9_cDeFgHiJkLm";
  expect(linkedPlace(`source/${ID}/${version_id}/10/25`)).toEqual({ document_id: ID, version_id, start: 10, end: 25 });
  expect(linkedPlace(`source/${ID}/2/10/25`)).toEqual({ document_id: ID, version_id: "2", start: 10, end: 25 });
});

test.each(["", "documents", `source/${ID}/2/25/10`, `source/${ID}/2/a/b`, `source/${ID}/v_short/1/2`, `source/../2/1/2`, `source/${ID}/2/1/2/3`])(
  "%j names none",
  (hash) => expect(linkedPlace(hash)).toBeNull(),
);

test("the words at the place are the quote, counted in code points", () => {
  const text = { title: "Lease", version: 3, text: "😀 The rent is due." } as DocumentText;
  const source = linkedSource({ document_id: ID, version_id: "2", start: 2, end: 10 }, text);
  expect(source.title).toBe("Lease");
  expect(source.version).toBe(3);
  expect(source.quote?.quote).toBe("The rent");
});

test("without the text there is no quote to rely on", () => {
  expect(linkedSource({ document_id: ID, version_id: "2", start: 2, end: 10 }, null).quote).toBeNull();
});
