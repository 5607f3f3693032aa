import { expect, it } from "vitest";
import { fileNames } from "./titles";

const doc = (title: string, source: string) => ({ title, source });

it("names the files of documents that are called alike, and of no others", () => {
  const lease = doc("Lease", "a/one.pdf");
  expect([...fileNames([lease, lease, doc("Plan", "a/plan.pdf")])]).toEqual([]);
  expect([...fileNames([lease, doc("Lease", "b/two.pdf")])]).toEqual([
    ["a/one.pdf", "one.pdf"],
    ["b/two.pdf", "two.pdf"],
  ]);
  expect([...fileNames([lease, doc("Lease", "b/one.pdf")]).values()]).toEqual(["a/one.pdf", "b/one.pdf"]);
});
