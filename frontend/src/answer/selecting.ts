import { countCodePoints } from "../codePoints";

/**
 * What of the canonical text a range covers, in its code points. Lines and cells say in `data-start` where they begin, and
 * hold the text's own characters; so it is told wherever in the text they stand, and whatever of it is in the page. Null
 * where the range holds none of its words.
 */
export function selectedIn(body: Element, range: Range): { start: number; end: number } | null {
  const within = [...body.querySelectorAll<HTMLElement>("[data-start]")].filter((one) => range.intersectsNode(one));
  const [first, last] = [within[0], within.at(-1)];
  if (first === undefined || last === undefined) return null;
  const start = edge(first, range.startContainer, range.startOffset) ?? startOf(first);
  const end = edge(last, range.endContainer, range.endOffset) ?? startOf(last) + countCodePoints(last.textContent ?? "");
  return start < end ? { start, end } : null;
}

/** Null where the edge of the range lies outside. */
function edge(line: HTMLElement, node: Node, offset: number): number | null {
  if (!line.contains(node)) return null;
  const before = document.createRange();
  before.selectNodeContents(line);
  before.setEnd(node, offset);
  return startOf(line) + countCodePoints(before.toString());
}

function startOf(line: HTMLElement): number {
  return Number(line.dataset["start"]);
}
