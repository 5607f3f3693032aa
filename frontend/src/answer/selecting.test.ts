// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { selectedIn } from "./selecting";

/** The last two of many lines that say the same, as a long text has them in the page; and a table. */
document.body.innerHTML = `<div id="body"><section><p id="head">Page 9</p><p data-start="900" id="a">Notice is <mark>30 days</mark> 😀.</p>
<p data-start="920" id="b">Notice is <mark>30 days</mark> 😀.</p></section><table><tbody><tr><th>7</th><td data-start="950" id="c">Rent</td></tr></tbody></table></div>`;
const body = document.getElementById("body") as HTMLElement;
const text = (id: string, index = 0) => document.getElementById(id)?.childNodes[index] as Node;

function selected(from: [Node, number], to: [Node, number]) {
  const range = document.createRange();
  range.setStart(...from);
  range.setEnd(...to);
  return selectedIn(body, range);
}

test("identical words are told apart by where they stand, though the lines before them are not in the page", () => {
  const marked = document.querySelectorAll("mark")[1]?.firstChild as Node;
  expect(selected([marked, 0], [marked, 7])).toEqual({ start: 930, end: 937 });
});

test("a selection over lines and cells reaches from the first to the last of their characters", () => {
  expect(selected([text("a", 2), 3], [text("b", 0), 6])).toEqual({ start: 919, end: 926 });
  expect(selected([text("head"), 0], [text("c"), 2])).toEqual({ start: 900, end: 952 });
  expect(selected([text("head"), 0], [text("head"), 3])).toBeNull();
});
