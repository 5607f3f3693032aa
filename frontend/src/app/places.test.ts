import { expect, test } from "vitest";
import { pathOf, readPlace, writePlace } from "./places";

const ID = "0b0e7e6a-1f7b-4a52-9a39-0d1f3a0c1234";
const VERSION = "v_AbCd-EfGh_IjKl12";

test("a place is read as it was written", () => {
  for (const span of [null, { start: 0, end: 7 }]) {
    const place = { document_id: ID, version_id: VERSION, span };
    expect(readPlace(writePlace(place))).toEqual(place);
  }
});

test.each(["", "x", ID, `${ID}.2.5`, `${ID}.2.7.7`, `${ID}.2.9.1`, `${ID}.v_short.1.2`, `${ID}.2.1.2.3`])("%s names no place", (words) => {
  expect(readPlace(words)).toBeNull();
});

test("addresses that were given out stay good", () => {
  expect(pathOf(`source/${ID}/${VERSION}/12/30`)).toBe(`/?source=${ID}.${VERSION}.12.30`);
  expect(pathOf(`source/${ID}/2/12/30`)).toBe(`/?source=${ID}.2.12.30`);
  expect(pathOf(`source/${ID}/2/30/12`)).toBe("/");
  expect(pathOf("documents")).toBe("/documents");
  expect(pathOf("evaluation/r1")).toBe("/admin/evaluation/r1");
  expect(pathOf("evaluation")).toBe("/admin/evaluation");
  expect(pathOf("chat")).toBe("/");
  expect(pathOf("")).toBe("/");
  expect(pathOf("/reviews/7?source=x")).toBe("/reviews/7?source=x");
});
