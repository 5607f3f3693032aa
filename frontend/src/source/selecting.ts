interface Pressed {
  key: string;
  shiftKey: boolean;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
}

type Step = ["backward" | "forward" | "left" | "right", "character" | "word" | "line" | "lineboundary"];

/** How far a key extends a selection; null for other keys. Ctrl, or Alt on a Mac, takes words in place of characters. */
export function stepOf({ key, shiftKey, ctrlKey, altKey, metaKey }: Pressed): Step | null {
  if (!shiftKey || metaKey) return null;
  const words = ctrlKey || altKey;
  if (key === "ArrowRight" || key === "ArrowLeft") return [key === "ArrowRight" ? "right" : "left", words ? "word" : "character"];
  if (words) return null;
  if (key === "ArrowDown" || key === "ArrowUp") return [key === "ArrowDown" ? "forward" : "backward", "line"];
  if (key === "End" || key === "Home") return [key === "End" ? "forward" : "backward", "lineboundary"];
  return null;
}

/**
 * Selects in a text that has the focus, and in which there is no caret: Shift and an arrow, Home or End begin at what
 * is marked in it, else at the first words in view, and go on from there; Enter has them move the other end. Whether the
 * key was meant for it.
 */
export function selectByKey(container: HTMLElement, event: Pressed): boolean {
  const selection = document.getSelection();
  if (selection === null) return false;
  const within = selection.anchorNode !== null && container.contains(selection.anchorNode) && selection.anchorNode !== container;
  if (event.key === "Enter" && within && !selection.isCollapsed) {
    const { anchorNode, anchorOffset, focusNode, focusOffset } = selection;
    selection.setBaseAndExtent(focusNode as Node, focusOffset, anchorNode as Node, anchorOffset);
    return true;
  }
  const step = stepOf(event);
  if (step === null) return false;
  if (!within) begin(selection, container);
  selection.modify("extend", ...step);
  selection.focusNode?.parentElement?.scrollIntoView({ block: "nearest" });
  return true;
}

function begin(selection: Selection, container: HTMLElement) {
  const { top, bottom } = container.getBoundingClientRect();
  const inView = (one: Element) => one.getBoundingClientRect().bottom > top && one.getBoundingClientRect().top < bottom;
  const found = [...container.querySelectorAll("mark.quote"), ...container.querySelectorAll("p, td, th")].find(inView);
  selection.setPosition(firstText(found ?? container) ?? container, 0);
}

function firstText(within: Element): Node | null {
  return document.createTreeWalker(within, NodeFilter.SHOW_TEXT).nextNode();
}
