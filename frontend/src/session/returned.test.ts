import { expect, test } from "vitest";
import { problemOfReturn, startOf } from "./returned";

test("tells why one was not signed in", () => {
  expect(problemOfReturn("#sign-in-not_authenticated")).toMatchObject({ title: "You may not sign in here" });
  expect(problemOfReturn("#sign-in-<b>")).toMatchObject({ title: "You could not be signed in" });
  expect(problemOfReturn("#documents")).toBeNull();
  expect(problemOfReturn("")).toBeNull();
});

test("comes back to the view that was asked for", () => {
  expect(startOf("#documents")).toBe("/v1/session/oidc/start?return_to=%2F%23documents");
  expect(startOf("#sign-in-sign_in_failed")).toBe("/v1/session/oidc/start?return_to=%2F");
});
