import { expect, it } from "vitest";
import { choices, common, keepsOwn } from "./readers";

const ana = { user: "ana", groups: ["legal", "staff"], scopes: [] } as never;

it("offers one's own groups and oneself, and keeps whoever is named already", () => {
  const offered = choices(ana, ["group:finance", "group:legal"]).map(({ token }) => token);
  expect(offered).toEqual(["group:legal", "group:staff", "user:ana", "group:finance"]);
});

it("begins with who may read all of them", () => {
  const many = [{ allow: ["group:legal", "group:staff"] }, { allow: ["group:legal"] }];
  expect(common(many)).toEqual({ allow: ["group:legal"], differ: true });
  expect(common(many.slice(0, 1))).toEqual({ allow: ["group:legal", "group:staff"], differ: false });
});

it("tells when one would lock oneself out", () => {
  expect(keepsOwn(ana, ["group:finance", "user:ana"])).toBe(true);
  expect(keepsOwn(ana, ["group:finance"])).toBe(false);
});
