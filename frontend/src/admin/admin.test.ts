import { expect, test } from "vitest";
import { beginningOf, type Key, NO_TRAIL_SEARCH, trailQuery } from "../client/admin";
import { formatDuration } from "../ui/format";
import { documentIn, documentsOf } from "./actions";
import { aloneIn, holds, isOwnKey, stateOf } from "./keyStates";

const ID = "2d8e2f4b-0021-5621-9ae9-9193733264e8";
const KEY: Key = {
  id: "a", user: "root", groups: [], scopes: ["read", "admin"], label: "", created_at: "", expires_at: null, expired: false,
  revoked_at: null, last_used_at: null,
};

test("a day that is searched to is in what is found, by the reader's clock", () => {
  const asked = trailQuery({ ...NO_TRAIL_SEARCH, user: "ana", from: "2026-11-30", to: "2026-11-30" }, { limit: "50" });
  expect(Object.fromEntries(asked)).toEqual({
    user: "ana",
    from: new Date(2026, 10, 30).toISOString(),
    to: new Date(2026, 11, 1).toISOString(),
    limit: "50",
  });
});

test("addresses of before that hold instants are read by their day; no day narrows nothing", () => {
  expect(beginningOf("2026-11-30T00:00:00Z", 0)).toBe(new Date(2026, 10, 30).toISOString());
  expect([beginningOf("", 1), beginningOf("soon", 1)]).toEqual(["", ""]);
});

test("a document is found in an id and in an address", () => {
  const address = `https://footnote.example/#/documents?source=${ID}.v_x.10.20`;
  expect([documentIn(ID.toUpperCase()), documentIn(address), documentIn("the lease")]).toEqual([ID, ID, ""]);
});

test("the documents of a record are found wherever they stand in it, each once", () => {
  const other = "bc26baea-268b-5a3d-b896-15c04bdceee4";
  const record = { document_id: ID, shown: [{ document_id: other, version: 1 }, { document_id: ID }], answer: { citations: [{ document_id: "sealed" }] } };
  expect(documentsOf(record)).toEqual([ID, other]);
  expect(documentsOf([null, 3, "x"])).toEqual([]);
});

test("a key that has ended or was revoked opens nothing", () => {
  expect([KEY, { ...KEY, expired: true }, { ...KEY, expired: true, revoked_at: "x" }].map(stateOf)).toEqual(["good", "expired", "revoked"]);
  expect([holds(KEY), holds({ ...KEY, expired: true })]).toEqual([true, false]);
});

test("names are told apart without their case", () => expect(isOwnKey({ ...KEY, user: "Root" }, "root")).toBe(true));

test("what nobody else can do by a key is said before it goes", () => {
  const reader = { ...KEY, id: "b", scopes: ["read"] };
  const gone = { ...KEY, id: "c", scopes: ["admin"], expired: true };
  expect(aloneIn(KEY, [KEY, reader, gone])).toEqual(["admin"]);
  expect(aloneIn(KEY, [KEY, { ...gone, expired: false }])).toEqual([]);
  expect(aloneIn(reader, [reader])).toEqual([]);
});

test.each([
  [420, "420 ms"],
  [4200, "4.20 s"],
  [59_600, "1 min 0 s"],
  [725_000, "12 min 5 s"],
  [11_100_000, "3 h 5 min"],
])("%s ms are %s", (ms, told) => expect(formatDuration(ms)).toBe(told));
