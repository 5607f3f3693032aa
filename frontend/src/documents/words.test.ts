import { expect, test } from "vitest";
import { keptFor } from "./words";

test("says for how long a deleted document can be restored", () => {
  expect(keptFor(30)).toBe("It can be restored for 30 days.");
  expect(keptFor(1)).toBe("It can be restored for one day.");
  expect(keptFor(0)).toBe("This cannot be undone.");
});
