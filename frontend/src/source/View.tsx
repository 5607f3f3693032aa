import { useCallback, useMemo, useState } from "react";
import type { Place } from "../app/places";
import { words } from "../strings";
import { useMedia } from "../ui/hooks";
import { type Paged, PageView } from "./PageView";
import { TextView } from "./TextView";
import { Toolbar } from "./Toolbar";
import type { Mode } from "./useMode";
import type { Shown } from "./useShown";

const WIDE = "(min-width: 80rem)";

/** The source as pages, as text, or both beside each other. */
export function View({ place, shown }: { place: Place; shown: Shown }) {
  const wide = useMedia(WIDE);
  const [zoom, setZoom] = useState<number | null>(null);
  const [room, setRoom] = useState(0);
  const [read, setRead] = useState(0);
  const [wanted, setWanted] = useState<{ page: number } | null>(null);
  const paged = usePaged(place, shown);
  const { text } = shown.document;
  const mode = modeFor(shown.mode, shown.drawn, wide);
  const modes: Mode[] = shown.drawn === true ? (wide ? ["page", "text", "both"] : ["page", "text"]) : [];
  const onFailed = useCallback(() => {
    shown.onPicture();
    shown.document.check();
  }, [shown]);

  return (
    <>
      <Toolbar
        modes={modes}
        mode={mode}
        onMode={shown.setMode}
        marks={shown.marks}
        paged={mode === "text" ? null : paged}
        zoom={zoom}
        room={room}
        read={read}
        onZoom={setZoom}
        onPage={(page) => setWanted({ page })}
      />
      <div className={`source-views ${mode}`}>
        {mode !== "text" && paged !== null && (
          <PageView
            key={`${place.document_id} ${place.version_id}`}
            paged={paged}
            zoom={zoom}
            wanted={wanted}
            onRead={setRead}
            onRoom={setRoom}
            onShown={shown.onPicture}
            onFailed={onFailed}
          />
        )}
        {mode !== "page" && text !== null && <TextView key={`${place.document_id} ${place.version_id} text`} document={text} marks={shown.marks} />}
        {(mode === "page" ? paged === null : text === null) && shown.document.problem === null && (
          <p className="source-body muted" role="status">
            {words.source.opening}
          </p>
        )}
      </div>
    </>
  );
}

/** What there is no picture of is shown as text; both only where there is room for them. */
function modeFor(chosen: Mode, drawn: boolean | null, wide: boolean): Mode {
  if (drawn === false) return "text";
  return chosen === "both" && !wide ? "page" : chosen;
}

/** Null until a page is known that can be shown. */
function usePaged(place: Place, shown: Shown): Paged | null {
  const { title, quote, boxes, contextBoxes, drawn, known, where, document } = shown;
  const { document_id, version_id } = place;
  const pages = document.pages.data?.pages;
  const page = boxes[0]?.page ?? where.page ?? pages?.[0]?.page ?? null;
  return useMemo(() => {
    if (drawn !== true || page === null || (pages === undefined && known === null)) return null;
    const all = pages ?? [{ page, width: null, height: null }];
    return { asked: { document_id, version_id }, title, pages: all, page, quote, boxes, context: contextBoxes };
  }, [document_id, version_id, title, quote, boxes, contextBoxes, drawn, known, pages, page]);
}
