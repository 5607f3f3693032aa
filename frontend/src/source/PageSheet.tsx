import { useEffect, useState } from "react";
import { pictureOf, type VersionAsked } from "../client/sources";
import type { Box } from "../client/types";
import { words } from "../strings";
import { pictureWidth, type Sheet } from "./sheets";

/** So long a page is near the view before its picture is asked for: those that are scrolled past are not drawn. */
const SETTLED_MS = 120;
const MARGIN = 1.5; // points around a printed line

interface Props {
  asked: VersionAsked;
  sheet: Sheet;
  /** What the picture is called, and with which marks. */
  name: string;
  quote: Box[];
  context: Box[];
  /** Ask for the picture at once, or not before the first one is there. */
  turn: "now" | "soon" | "later";
  onShown: () => void;
  /** The picture did not come: it cannot be drawn, or may not be read any more. */
  onFailed: () => void;
}

/** A page: its picture, and over it the boxes of the quote and of what it was read with, in the page's own points. */
export function PageSheet({ asked, sheet, name, quote, context, turn, onShown, onFailed }: Props) {
  const settled = useSettled(turn);
  const [state, setState] = useState<"waiting" | "shown" | "failed">("waiting");
  const [attempt, setAttempt] = useState(0);
  const source = pictureOf(asked, sheet.page, pictureWidth(sheet.width, devicePixelRatio));

  return (
    <div className="sheet" data-page={sheet.page} data-state={state} style={{ width: sheet.width, height: sheet.height }}>
      {settled && state !== "failed" && (
        <img
          key={attempt}
          src={source}
          alt={name}
          width={sheet.width}
          height={sheet.height}
          onLoad={() => {
            setState("shown");
            onShown();
          }}
          onError={() => {
            setState("failed");
            onFailed();
          }}
        />
      )}
      {state === "waiting" && <p className="sheet-note muted">{words.source.drawing}</p>}
      {state === "failed" && (
        <div className="sheet-note" role="alert">
          <p>{words.source.notDrawn}</p>
          <button
            type="button"
            className="secondary"
            onClick={() => {
              setState("waiting");
              setAttempt(attempt + 1);
            }}
          >
            {words.source.again}
          </button>
        </div>
      )}
      {sheet.points !== null && quote.length + context.length > 0 && state !== "failed" && (
        <svg className="sheet-marks" viewBox={`0 0 ${sheet.points.width} ${sheet.points.height}`} aria-hidden="true">
          {each(context).map((box) => (
            <rect key={keyOf(box)} className="box-context" {...edgesOf(box)} />
          ))}
          {each(quote).map((box) => (
            <rect key={keyOf(box)} className="box-quote" {...edgesOf(box)} />
          ))}
        </svg>
      )}
    </div>
  );
}

function useSettled(turn: Props["turn"]): boolean {
  const [settled, setSettled] = useState(turn === "now");
  useEffect(() => {
    if (turn === "now") setSettled(true);
    if (turn !== "soon") return;
    const timer = setTimeout(() => setSettled(true), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [turn]);
  return settled;
}

/** Each box once: two headers of a table may be printed on one line. */
function each(boxes: Box[]): Box[] {
  return [...new Map(boxes.map((box) => [keyOf(box), box])).values()];
}

function keyOf({ x0, y0, x1, y1 }: Box): string {
  return [x0, y0, x1, y1].join(" ");
}

function edgesOf({ x0, y0, x1, y1 }: Box) {
  return { x: x0 - MARGIN, y: y0 - MARGIN, width: x1 - x0 + 2 * MARGIN, height: y1 - y0 + 2 * MARGIN, rx: 1 };
}
