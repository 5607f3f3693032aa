import { useEffect, useId, useRef, useState } from "react";
import type { DocumentSort } from "../client/types";
import { words } from "../strings";
import { filtersOf } from "./asked";
import { Choice, Filters, type Props as FilterProps } from "./Filters";

const PAUSE_MS = 250;
const told = words.documents;

interface Props extends Omit<FilterProps, "all"> {
  /** Whether there is room for the search and the order alone. */
  folded: boolean;
}

/** What to look for in the list, what it is narrowed to, and its order. Words are sought once the typing pauses. */
export function Toolbar({ asked, readers, folded, onAsk }: Props) {
  const [open, setOpen] = useState(false);
  const more = useId();
  const set = filtersOf(asked).length;
  return (
    <div className="toolbar" role="search">
      <SearchBox value={asked.q} onSearch={(q) => onAsk({ ...asked, q })} />
      {!folded && <Filters asked={asked} readers={readers} onAsk={onAsk} all={false} />}
      {!folded && <OrderChoice asked={asked} onAsk={onAsk} />}
      <button type="button" className="secondary" aria-expanded={open} aria-controls={more} onClick={() => setOpen(!open)}>
        {folded ? told.filtersSet(set) : told.moreFilters}
      </button>
      <div className="filters" id={more} hidden={!open}>
        {open && <Filters asked={asked} readers={readers} onAsk={onAsk} all={folded} rest />}
        {open && folded && <OrderChoice asked={asked} onAsk={onAsk} />}
      </div>
    </div>
  );
}

function OrderChoice({ asked, onAsk }: Pick<Props, "asked" | "onAsk">) {
  const order = `${asked.sort} ${asked.order}`;
  const orders = { ...told.orders, ...(order in told.orders ? {} : { [order]: told.otherOrder(told.sorts[asked.sort], asked.order === "desc") }) };
  return (
    <Choice
      label={told.order}
      value={order}
      options={orders}
      onChange={(value) => {
        const [sort, way] = value.split(" ");
        onAsk({ ...asked, sort: sort as DocumentSort, order: way === "desc" ? "desc" : "asc" });
      }}
    />
  );
}

function SearchBox({ value, onSearch }: { value: string; onSearch: (value: string) => void }) {
  const [typed, setTyped] = useState(value);
  const sent = useRef(value);
  useEffect(() => {
    if (value === sent.current) return;
    sent.current = value; // by Back, or by what clears the filters
    setTyped(value);
  }, [value]);
  useEffect(() => {
    const wanted = typed.trim();
    if (wanted === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = wanted;
      onSearch(wanted);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, onSearch]);
  return (
    <label className="search-box">
      <span className="visually-hidden">{told.search}</span>
      <input
        type="search"
        maxLength={200}
        placeholder={`${told.search}: ${told.searchHint.toLowerCase()}`}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
    </label>
  );
}
