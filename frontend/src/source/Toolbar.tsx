import { type FormEvent, useState } from "react";
import { words } from "../strings";
import { useMedia } from "../ui/hooks";
import { ActionMenu } from "../ui/Menu";
import type { Marks } from "./layout";
import type { Paged } from "./PageView";
import { fitting, stepped } from "./sheets";
import type { Mode } from "./useMode";
import { PHONE } from "./useWidth";

interface Props {
  /** Between which one may choose; none where there is nothing to choose. */
  modes: Mode[];
  mode: Mode;
  onMode: (mode: Mode) => void;
  marks: Marks;
  /** The pages that are shown; null where none are. */
  paged: Paged | null;
  zoom: number | null;
  room: number;
  /** The page that is read. */
  read: number;
  onZoom: (zoom: number | null) => void;
  onPage: (page: number) => void;
}

export function Toolbar({ modes, mode, onMode, marks, paged, zoom, room, read, onZoom, onPage }: Props) {
  const share = zoom ?? (paged === null ? 1 : fitting(paged.pages, room));
  const legend = marks.context.length > 0;
  if (modes.length === 0 && paged === null && !legend) return null;
  return (
    <div className="source-tools">
      {modes.length > 0 && (
        <div className="segments" role="group" aria-label={words.source.view}>
          {modes.map((one) => (
            <button key={one} type="button" aria-pressed={one === mode} onClick={() => onMode(one)}>
              {words.source[one]}
            </button>
          ))}
        </div>
      )}
      {paged !== null && (
        <>
          <PageBox paged={paged} read={read} onPage={onPage} />
          <Zoom share={share} fits={zoom === null} onZoom={onZoom} />
        </>
      )}
      {legend && (
        <ul className="legend" aria-label={words.source.legend}>
          {marks.quote !== null && (
            <li>
              <span className="swatch-quote" aria-hidden="true" />
              {words.source.legendQuote}
            </li>
          )}
          <li>
            <span className="swatch-context" aria-hidden="true" />
            {words.source.legendContext}
          </li>
        </ul>
      )}
    </div>
  );
}

interface ZoomProps {
  /** 1: as large as printed. */
  share: number;
  /** Whether it follows the width of the view. */
  fits: boolean;
  onZoom: (zoom: number | null) => void;
}

/** Larger, smaller, as printed, as wide as the view: a row of buttons, on a phone a menu. */
function Zoom({ share, fits, onZoom }: ZoomProps) {
  const narrow = useMedia(PHONE);
  const percent = words.source.percent(share);
  if (narrow) {
    const sizes = [
      { id: "larger", name: words.source.larger, onAction: () => onZoom(stepped(share, 1)) },
      { id: "smaller", name: words.source.smaller, onAction: () => onZoom(stepped(share, -1)) },
    ];
    const fixed = [
      { id: "actual", name: words.source.actualSize, onAction: () => onZoom(1) },
      { id: "fit", name: words.source.fitName, onAction: () => onZoom(null), disabled: fits },
    ];
    return (
      <ActionMenu label={words.source.zoomOf(percent)} actions={[sizes, fixed]} className="quiet zoom-menu">
        {percent}
      </ActionMenu>
    );
  }
  return (
    <div className="zoom" role="group" aria-label={words.source.zoom}>
      <button type="button" className="quiet icon" aria-label={words.source.smaller} onClick={() => onZoom(stepped(share, -1))}>
        <span aria-hidden="true">−</span>
      </button>
      <button type="button" className="quiet percent" aria-label={`${percent}: ${words.source.actualSize}`} onClick={() => onZoom(1)}>
        {percent}
      </button>
      <button type="button" className="quiet icon" aria-label={words.source.larger} onClick={() => onZoom(stepped(share, 1))}>
        <span aria-hidden="true">+</span>
      </button>
      <button type="button" className="quiet" aria-label={words.source.fitName} aria-pressed={fits} onClick={() => onZoom(null)}>
        {words.source.fit}
      </button>
    </div>
  );
}

/** The number of the page that is read; another one goes there. */
function PageBox({ paged, read, onPage }: { paged: Paged; read: number; onPage: (page: number) => void }) {
  const [typed, setTyped] = useState<string | null>(null);
  const last = paged.pages.at(-1)?.page ?? 1;

  function go(event: FormEvent) {
    event.preventDefault();
    const page = Math.min(Math.max(Math.round(Number(typed ?? read)), 1), last);
    if (Number.isFinite(page)) onPage(page);
    setTyped(null);
  }

  return (
    <form className="page-box" onSubmit={go}>
      <input
        inputMode="numeric"
        aria-label={words.source.pageNumber}
        size={Math.max(String(last).length, 2)}
        value={typed ?? (read > 0 ? String(read) : "")}
        onChange={({ target }) => setTyped(target.value)}
        onFocus={({ target }) => target.select()}
        onBlur={() => setTyped(null)}
      />
      <span>{words.source.pageCount(last)}</span>
    </form>
  );
}
