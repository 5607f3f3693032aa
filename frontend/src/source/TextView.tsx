import { useVirtualizer } from "@tanstack/react-virtual";
import { Fragment, type KeyboardEvent, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { DocumentText } from "../client/sources";
import { words } from "../strings";
import { selectByKey } from "./selecting";
import { type Chunk, type Grid, isCode, Layout, type Line, type Marks, type Piece } from "./layout";
import { useWidth } from "./useWidth";

/** So few chunks are in the page all at once, where the browser's own search finds their words. */
const ALL_AT_ONCE = 60;
const AHEAD = 2;
const USUAL_HEIGHT = 1100;
const STEADY = 4; // frames in which the mark stays where it is, before it is left to the reader
const LONGEST_FRAMES = 60;

/** The canonical text, with the quote and its context marked to the character, the quote scrolled into view. */
export function TextView({ document, marks }: { document: DocumentText; marks: Marks }) {
  const container = useRef<HTMLDivElement>(null);
  const layout = useMemo(() => new Layout(document), [document]);
  const count = layout.chunks.length;
  const rows = useVirtualizer({
    count,
    getScrollElement: () => container.current,
    estimateSize: () => USUAL_HEIGHT,
    overscan: count <= ALL_AT_ONCE ? count : AHEAD,
  });
  const start = marks.quote?.start ?? null;

  // How far below the upper edge of the view the mark lies: there it stays when the rest of the text comes around it.
  const shown = useRef<{ start: number | null; down: number | null }>({ start: null, down: null });

  useEffect(() => {
    const down = shown.current.start === start ? shown.current.down : null;
    shown.current = { start, down };
    if (start === null) {
      container.current?.scrollTo(0, 0);
      return;
    }
    rows.scrollToIndex(layout.indexOf(start), { align: "start" });
    return holdInView(container, "mark.quote", down);
  }, [layout, rows, start]);

  const onScroll = () => {
    const found = container.current?.querySelector("mark.quote");
    shown.current.down = container.current && found ? downOf(container.current, found) : null;
  };

  function onKeyDown(event: KeyboardEvent) {
    if (container.current !== null && selectByKey(container.current, event)) event.preventDefault();
  }

  const kind = `source-body canonical${isCode(document.media_type) ? " code" : ""}`;
  return (
    <div
      ref={container}
      className={kind}
      role="region"
      aria-label={words.source.words}
      tabIndex={0}
      onScroll={onScroll}
      onKeyDown={onKeyDown}
    >
      <div className="virtual" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, start: top }) => (
          <div key={index} ref={rows.measureElement} data-index={index} className="virtual-row" style={{ top }}>
            <ChunkView layout={layout} chunk={layout.chunks[index] as Chunk} marks={marks} />
          </div>
        ))}
      </div>
    </div>
  );
}

function downOf(container: HTMLElement, found: Element): number {
  return found.getBoundingClientRect().top - container.getBoundingClientRect().top;
}

/**
 * Keeps the first match so far `down`, or in the middle, until what is laid out around it has its height. Returns what
 * ends it.
 */
function holdInView(container: { current: HTMLElement | null }, selector: string, down: number | null): () => void {
  let frame = 0;
  let [steady, frames, before] = [0, 0, Number.NaN];
  const look = () => {
    const view = container.current;
    const found = view?.querySelector(selector);
    if (view && found) {
      if (down === null) found.scrollIntoView({ block: "center" });
      else view.scrollTop += downOf(view, found) - down;
      const { top } = found.getBoundingClientRect();
      steady = top === before ? steady + 1 : 0;
      before = top;
    }
    frames += 1;
    if (steady < STEADY && frames < LONGEST_FRAMES) frame = requestAnimationFrame(look);
  };
  frame = requestAnimationFrame(look);
  return () => cancelAnimationFrame(frame);
}

function ChunkView({ layout, chunk, marks }: { layout: Layout; chunk: Chunk; marks: Marks }) {
  const blocks = useMemo(() => layout.blocks(chunk, marks), [layout, chunk, marks]);
  const { head } = chunk;
  return (
    <section>
      {head !== null && <p className="page-separator">{words.source.pageHead(head.page, head.label, head.recognised)}</p>}
      {blocks.map((block) =>
        block.kind === "grid" ? <GridView key={block.start} grid={block} /> : <LineView key={block.start} line={block} />,
      )}
    </section>
  );
}

function LineView({ line }: { line: Line }) {
  const content = <Pieces pieces={line.pieces} />;
  if (line.level === 0) return <p data-start={line.at}>{content}</p>;
  return (
    <p
      className={`heading level-${Math.min(line.level, 3)}`}
      role="heading"
      aria-level={Math.min(line.level + 2, 6)}
      data-start={line.at}
    >
      {content}
    </p>
  );
}

/** A table; one of a spreadsheet under its sheet's name, with the letters of its columns and the numbers of its rows. */
function GridView({ grid }: { grid: Grid }) {
  const named = grid.columns.length > 0;
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const [wide, setWide] = useState(false); // wider than there is room: it scrolls sideways, by keyboard too
  useLayoutEffect(() => {
    const view = frame.current;
    if (view !== null) setWide(view.scrollWidth > view.clientWidth + 1);
  }, [width, grid]);
  return (
    <div ref={frame} className="grid-scroll" tabIndex={wide ? 0 : undefined}>
      <table className="text-grid" aria-label={grid.sheet === "" ? words.source.table : undefined}>
        {grid.sheet !== "" && <caption>{words.source.sheet(grid.sheet)}</caption>}
        {named && (
          <thead>
            <tr>
              <th scope="col">
                <span className="visually-hidden">{words.source.rowNumber}</span>
              </th>
              {grid.columns.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
        )}
        <tbody>
          {grid.rows.map((row) => (
            <tr key={row.start}>
              {named && <th scope="row">{row.number}</th>}
              {row.cells.map((cell) => (
                <td key={cell.start} data-start={cell.start} className={cell.mark === "" ? undefined : `cell-${cell.mark}`}>
                  <Pieces pieces={cell.pieces} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Pieces({ pieces }: { pieces: Piece[] }) {
  return pieces.map(({ text, mark }, index) =>
    mark === "" ? (
      <Fragment key={index}>{text}</Fragment>
    ) : (
      <mark key={index} className={mark}>
        {text}
      </mark>
    ),
  );
}
