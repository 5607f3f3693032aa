import { expect, it } from "vitest";
import { afterwards, changeOf, choices, keepsOwn, readsNow } from "./readers";

const ana = { user: "ana", groups: ["legal", "staff"], scopes: [] } as never;

it("offers one's own groups and oneself, and keeps whoever is named already", () => {
  const offered = choices(ana, ["group:finance", "group:legal"]).map(({ token }) => token);
  expect(offered).toEqual(["group:legal", "group:staff", "user:ana", "group:finance"]);
});

it("changes what is wished otherwise, and nothing else", () => {
  const many = [{ allow: ["group:legal", "group:staff"] }, { allow: ["group:legal"] }];
  expect(["group:legal", "group:staff", "user:ana"].map((token) => readsNow(token, many))).toEqual(["all", "some", "none"]);
  const wished = new Map([["group:legal", true], ["group:staff", false], ["user:ana", true]]);
  const change = changeOf(wished, many);
  expect(change).toEqual({ add: ["user:ana"], remove: ["group:staff"] });
  expect(afterwards(change, many)).toEqual([["group:legal", "user:ana"], ["group:legal", "user:ana"]]);
  expect(changeOf(new Map([["group:legal", true], ["user:ana", false]]), many)).toEqual({ add: [], remove: [] });
});

it("tells when one would lock oneself out", () => {
  expect(keepsOwn(ana, ["group:finance", "user:ana"])).toBe(true);
  expect(keepsOwn(ana, ["group:finance"])).toBe(false);
});
