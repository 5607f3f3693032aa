import { useMemo, useState } from "react";
import type { Place } from "../app/places";
import { type Cited, useSource } from "../app/source";
import type { Box } from "../client/types";
import type { Marks } from "./layout";
import { NO_MARKS } from "./layout";
import { type SourceDocument, useDocument } from "./useDocument";
import { useMode, type Mode } from "./useMode";
import { Passage } from "./passage";
import { headingsAbove, looksDrawn, pageAt } from "./where";

/** What the pane shows, as far as it is known yet. */
export interface Shown {
  document: SourceDocument;
  /** The citation that names the place, where the view behind the pane has one. */
  known: Cited | null;
  title: string;
  /** The file's name; "" where only the address names the place. */
  source: string;
  mediaType: string;
  sectionPath: string[];
  where: { page: number | null; page_label: string; bates: string; cell: string };
  /** Whether the words of its page were recognised from a picture. */
  recognised: boolean;
  /** The words at the place; "" for a whole document, and until they are known. */
  quote: string;
  boxes: Box[];
  contextBoxes: Box[];
  marks: Marks;
  /** Why nothing is marked: the words are others than the quote, or there is no such place. */
  check: "" | "differs" | "absent";
  /** Whether there are pictures of its pages; null until that is known. */
  drawn: boolean | null;
  mode: Mode;
  setMode: (mode: Mode) => void;
  /** Called when the first picture came, or did not. */
  onPicture: () => void;
}

const NOTHING: Box[] = [];

export function useShown(place: Place): Shown {
  const { cited } = useSource();
  const [mode, setMode] = useMode();
  const [seen, setSeen] = useState("");
  const { span } = place;
  const known = useMemo(() => cited.find(({ citation }) => isAt(citation, place)) ?? null, [cited, place]);
  const citation = known?.citation ?? null;
  const looks = citation !== null && citation.page !== null && looksDrawn(citation.source) ? true : null;
  const version = `${place.document_id} ${place.version_id}`;
  const picture = mode === "page" && seen !== version ? looks : false;
  const document = useDocument(place, { picture, reading: mode !== "page", boxes: citation === null });
  const pages = document.pages.data;
  const { text } = document;
  const drawn = pages?.drawn ?? (document.pages.isError ? false : looks);

  const start = span?.start ?? 0;
  const found = useMemo(() => (text === null || span === null ? null : Passage.of(text).at(span)), [text, span]);
  const check = checked(found, text !== null && span !== null, citation?.quote ?? null);
  const page = pages === undefined || span === null ? null : pageAt(pages.pages, start);
  const headings = useMemo(() => (text === null || span === null ? [] : headingsAbove(text, start)), [text, span, start]);
  const context = useMemo(() => citation?.context ?? [], [citation]);
  const marks = useMemo<Marks>(() => (check === "" ? { quote: span, context } : NO_MARKS), [check, span, context]);
  const boxes = check === "" ? (citation?.boxes ?? document.boxes ?? NOTHING) : NOTHING;
  const contextBoxes = useMemo(() => (check === "" ? context.flatMap((one) => one.boxes) : NOTHING), [check, context]);

  const where = citation ?? { page: page?.page ?? null, page_label: page?.label ?? "", bates: page?.bates ?? "", cell: cellAt(text, start) };
  const printed = where.page === null ? undefined : pages?.pages.find((one) => one.page === where.page);
  return {
    document,
    known,
    title: citation?.title ?? pages?.title ?? text?.title ?? "",
    source: citation?.source ?? "",
    mediaType: pages?.media_type ?? text?.media_type ?? document.standing?.shown.media_type ?? "",
    sectionPath: citation?.section_path ?? headings,
    where,
    recognised: printed?.source === "ocr",
    quote: citation?.quote ?? found ?? "",
    boxes,
    contextBoxes,
    marks,
    check,
    drawn,
    mode,
    setMode,
    onPicture: () => setSeen(version),
  };
}

function isAt(citation: Cited["citation"], { document_id, version_id, span }: Place): boolean {
  const same = citation.document_id === document_id && citation.version_id === version_id;
  return same && citation.start === span?.start && citation.end === span.end;
}

function checked(found: string | null, asked: boolean, quote: string | null): Shown["check"] {
  if (!asked) return "";
  if (quote !== null) return found === quote ? "" : "differs";
  return found === null ? "absent" : "";
}

/** The cell of a spreadsheet in which a place begins. */
function cellAt(text: SourceDocument["text"], start: number): string {
  const table = text?.tables?.find((one) => one.start <= start && start < one.end);
  const row = table?.rows.find((one) => one.start <= start && start <= one.end);
  return row?.cells.findLast((one) => one.start <= start)?.cell ?? "";
}
