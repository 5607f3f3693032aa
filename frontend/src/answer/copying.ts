import { type RefObject, useEffect } from "react";
import type { Answer, Citation } from "../client/types";
import { placeOf } from "../documents/reading";
import { words } from "../strings";
import { paragraphs } from "./paragraphs";
import { asideLines, cautionLine, noAnswerLines } from "./words";

const told = words.answers;
const BLOCKS = new Set(["P", "DIV", "LI", "OL", "UL", "H1", "H2", "H3", "H4", "H5", "ARTICLE", "SECTION", "BLOCKQUOTE", "DETAILS", "SUMMARY", "TABLE", "TR", "DL", "DT", "DD"]);

/** Of each answer in the page: how many sentences it has, and what they cite. */
const shown = new Map<Element, { sentences: number; cited: Citation[] }>();

/** Whoever copies a part of the page in which there are sentences of this answer gets them with their references. */
export function useCopying(root: RefObject<HTMLElement | null>, sentences: number, cited: Citation[]): void {
  useEffect(() => {
    const element = root.current;
    if (element === null) return;
    if (shown.size === 0) document.addEventListener("copy", onCopy);
    shown.set(element, { sentences, cited });
    return () => {
      shown.delete(element);
      if (shown.size === 0) document.removeEventListener("copy", onCopy);
    };
  }, [root, sentences, cited]);
}

function onCopy(event: ClipboardEvent) {
  const selection = document.getSelection();
  if (event.defaultPrevented || event.clipboardData === null || selection === null || selection.rangeCount === 0) return;
  const text = copiedText(selection.getRangeAt(0));
  if (text === null) return;
  event.clipboardData.setData("text/plain", text);
  event.clipboardData.setData("text/html", asHtml(text));
  event.preventDefault();
}

/** The text of a range with its references, "[1]" after a blank; null where no sentence of an answer is in it. */
export function copiedText(range: Range): string | null {
  const whole = wholeSentences(range);
  const fragment = whole.cloneContents();
  const inside = anchor(whole)?.closest(".sentence") !== null;
  if (!inside && fragment.querySelector(".sentence") === null) return null;
  const text = textOf(fragment);
  if (fragment.querySelector(".sources") !== null) return text;
  const cited = [...shown].filter(([root, { sentences }]) => holds(whole, root, sentences)).flatMap(([, one]) => one.cited);
  return cited.length === 0 ? text : `${text}\n\n${references(cited)}`;
}

/** The range with the references of the sentence that it ends with, where all the words of that are in it. */
function wholeSentences(range: Range): Range {
  const whole = range.cloneRange();
  const text = elementOf(range.endContainer)?.closest(".sentence-text");
  const rest = document.createRange();
  if (text === null || text === undefined) return whole;
  rest.selectNodeContents(text);
  rest.setStart(range.endContainer, range.endOffset);
  const chips = text.parentElement?.querySelector("[data-references]");
  if (rest.toString().trim() === "" && chips) whole.setEndAfter(chips);
  return whole;
}

function anchor(range: Range): Element | null {
  return elementOf(range.commonAncestorContainer);
}

function elementOf(node: Node): Element | null {
  return node instanceof Element ? node : node.parentElement;
}

function holds(range: Range, root: Element, sentences: number): boolean {
  const texts = [...root.querySelectorAll(".sentence-text")];
  return sentences > 0 && texts.length === sentences && texts.every((text) => contains(range, text));
}

function contains(range: Range, element: Element): boolean {
  const own = document.createRange();
  own.selectNodeContents(element.firstChild ?? element);
  return (
    range.compareBoundaryPoints(Range.START_TO_START, own) <= 0 && range.compareBoundaryPoints(Range.END_TO_END, own) >= 0
  );
}

/** Text without badges and other things that are no part of it; a line for each block. */
function textOf(fragment: DocumentFragment): string {
  const parts: string[] = [];
  function walk(node: Node) {
    if (node instanceof Element) {
      const ids = node.getAttribute("data-references");
      if (ids !== null) {
        for (const id of ids.split(" ").filter(Boolean)) parts.push(` [${id}]`);
        return;
      }
      if (node.hasAttribute("data-uncopied") || node.matches(".printed-only, .visually-hidden")) return;
    } else if (node.nodeType === Node.TEXT_NODE) {
      parts.push(node.textContent ?? "");
      return;
    }
    const block = node instanceof Element && BLOCKS.has(node.tagName);
    if (block) parts.push("\n");
    node.childNodes.forEach(walk);
    if (block) parts.push("\n");
  }
  walk(fragment);
  const lines = parts.join("").split("\n").map((line) => line.replace(/[ \t]+/g, " ").trim());
  return lines.join("\n").replace(/\n{3,}/g, "\n\n").trim();
}

/** The cited sources, a line each: "[1] Supply Agreement, 4. Orders, page 2, version 2". */
function references(cited: Citation[]): string {
  return [told.actions.copiedSources, ...cited.map((one) => told.actions.reference(one.id, one.title, placesOf(one)))].join("\n");
}

function placesOf(citation: Citation): string[] {
  return [...citation.section_path.slice(-1), placeOf(citation), told.source.version(citation.version)].filter(Boolean);
}

export interface Copied {
  question: string;
  /** What it was narrowed to, in a line; "" where it was not. */
  narrowed?: string;
  answer: Answer;
  /** Of a comparison: the document of each part of the question. */
  partTitles?: string[];
}

/** How an answer is written down. */
interface Form {
  heading: (words: string) => string;
  title: (words: string) => string;
  plain: (words: string) => string;
  sentence: (words: string, ids: number[]) => string;
  source: (one: Citation) => string;
  nearest: (one: Citation) => string;
  /** Above the sources. */
  sources: string;
}

const quoted = (one: Citation) => `${told.actions.reference(one.id, one.title, placesOf(one))}: “${oneLine(one.quote)}”`;

const TEXT: Form = {
  heading: (words) => words,
  title: (words) => words,
  plain: (words) => words,
  sentence: (words, ids) => [words, ...ids.map((id) => `[${id}]`)].join(" "),
  source: quoted,
  nearest: quoted,
  sources: `${told.actions.copiedSources}\n`,
};

const MARKDOWN: Form = {
  heading: (words) => `## ${escaped(oneLine(words))}`,
  title: (words) => `**${escaped(words)}**`,
  plain: escaped,
  sentence: (words, ids) => `${escaped(words)}${ids.map((id) => `[^${id}]`).join("")}`,
  source: (one) => `[^${one.id}]: ${escaped([one.title, ...placesOf(one)].join(", "))}: “${escaped(oneLine(one.quote))}”`,
  nearest: (one) => `- ${escaped(quoted(one))}`,
  sources: "",
};

/** A whole answer as text: paragraphs with their references, what it leaves open, the sources with their quotes, the audit id. */
export function answerText(copied: Copied): string {
  return written(copied, TEXT);
}

/** The same as Markdown with footnotes. */
export function answerMarkdown(copied: Copied): string {
  return written(copied, MARKDOWN);
}

function written({ question, narrowed = "", answer, partTitles = [] }: Copied, form: Form): string {
  const ids = new Set(answer.sentences.flatMap(({ citations }) => citations));
  const cited = answer.citations.filter(({ id }) => ids.has(id));
  const nearest = answer.abstention?.nearest ?? [];
  const body = paragraphs(answer.sentences).map((sentences) => {
    const title = partTitles[(sentences[0]?.part ?? 0) - 1];
    const head = title ? `${form.title(told.answer.partTitle(title).trim())} ` : "";
    return head + sentences.map(({ text, citations }) => form.sentence(text, citations)).join(" ");
  });
  const notes = [answer.status === "partial" ? answer.explanation : "", ...answer.cautions.map(cautionLine), ...asideLines(answer)];
  return [
    form.heading(question),
    form.plain(narrowed),
    ...(body.length === 0 ? noAnswerLines(answer).map(form.plain) : body),
    ...notes.map(form.plain),
    cited.length === 0 ? "" : form.sources + cited.map(form.source).join("\n"),
    nearest.length === 0 ? "" : [form.plain(`${told.noAnswer.nearest}:`), nearest.map(form.nearest).join("\n")].join(form === TEXT ? "\n" : "\n\n"),
    told.actions.auditId(answer.audit_id),
  ]
    .filter(Boolean)
    .join("\n\n");
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

/** What Markdown would take for markup: its signs, entities, and at the beginning of a line what makes a list of it. */
function escaped(text: string): string {
  return text
    .replace(/[\\`*_[\]<>#|~]/g, "\\$&")
    .replace(/&(?=#?\w+;)/g, "\\&")
    .replace(/^(\s*)([-+])(?=\s)/gm, "$1\\$2")
    .replace(/^(\s*\d+)([.)])(?=\s)/gm, "$1\\$2");
}

export function asHtml(text: string): string {
  const escapes: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
  const lines = text.replace(/[&<>]/g, (sign) => escapes[sign] ?? sign).split("\n").filter((line) => line !== "");
  return lines.map((line) => `<p>${line}</p>`).join("");
}

/**
 * Puts a text on the clipboard, also as HTML, and says whether the browser let it. Where there is no asynchronous
 * clipboard (an address without TLS) the old command is used.
 */
export async function toClipboard(text: string, html = asHtml(text)): Promise<boolean> {
  try {
    if (navigator.clipboard === undefined) return commanded(text, html);
    if (typeof ClipboardItem === "undefined") await navigator.clipboard.writeText(text);
    else await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob(text, "plain"), "text/html": blob(html, "html") })]);
    return true;
  } catch {
    return commanded(text, html);
  }
}

function blob(text: string, kind: string): Blob {
  return new Blob([text], { type: `text/${kind}` });
}

function commanded(text: string, html: string): boolean {
  let done = false;
  const fill = (event: ClipboardEvent) => {
    event.clipboardData?.setData("text/plain", text);
    event.clipboardData?.setData("text/html", html);
    event.preventDefault();
    event.stopImmediatePropagation();
    done = true;
  };
  addEventListener("copy", fill, { capture: true });
  try {
    return document.execCommand("copy") && done;
  } finally {
    removeEventListener("copy", fill, { capture: true });
  }
}
