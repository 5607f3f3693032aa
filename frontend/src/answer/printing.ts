/**
 * Prints the answer that an element stands in, with its question, and nothing else of the page. What is printed and how
 * is said in styles/print.css; without this (the browser's own command) the whole conversation is.
 */
export function printOne(within: Element | null): void {
  const article = within?.closest("article") ?? within?.closest("[data-answer]");
  article?.setAttribute("data-printing", "");
  document.documentElement.setAttribute("data-printing-one", "");
  const done = () => {
    article?.removeAttribute("data-printing");
    document.documentElement.removeAttribute("data-printing-one");
  };
  addEventListener("afterprint", done, { once: true });
  window.print();
}
