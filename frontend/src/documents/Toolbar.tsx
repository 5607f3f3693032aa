import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import type { Asked } from "../client/documents";
import type { DocumentSort } from "../client/types";
import { words } from "../strings";
import { AS_USUAL, isNarrowed } from "./asked";

const PAUSE_MS = 250;
const told = words.documents;

interface Props {
  asked: Asked;
  groups: string[];
  /** Whether what narrows the list waits behind a button. */
  folded: boolean;
  onAsk: (asked: Asked) => void;
}

/** What to look for in the list, what it is narrowed to, and its order. Words are sought once the typing pauses. */
export function Toolbar({ asked, groups, folded, onAsk }: Props) {
  const [open, setOpen] = useState(false);
  const filters = useId();
  const order = `${asked.sort} ${asked.order}`;
  const orders = { ...told.orders, ...(order in told.orders ? {} : { [order]: told.otherOrder(told.sorts[asked.sort], asked.order === "desc") }) };
  const kinds = { ...told.kinds, ...(asked.kind === "" || asked.kind in told.kinds ? {} : { [asked.kind]: asked.kind }) };
  const known = [...new Set([...groups, asked.group])].filter(Boolean);
  return (
    <div className="toolbar" role="search">
      <SearchBox value={asked.q} onSearch={(q) => onAsk({ ...asked, q })} />
      {folded && (
        <button type="button" className="secondary" aria-expanded={open} aria-controls={filters} onClick={() => setOpen(!open)}>
          {told.filters}
        </button>
      )}
      <div className="filters" id={filters} hidden={folded && !open}>
        <Choice label={told.kind} value={asked.kind} onChange={(kind) => onAsk({ ...asked, kind })}>
          <option value="">{told.anyKind}</option>
          {Object.entries(kinds).map(([kind, name]) => (
            <option key={kind} value={kind}>
              {name}
            </option>
          ))}
        </Choice>
        <Choice label={told.group} value={asked.group} onChange={(group) => onAsk({ ...asked, group })}>
          <option value="">{told.anyGroup}</option>
          {known.map((group) => (
            <option key={group} value={group}>
              {group}
            </option>
          ))}
        </Choice>
        <Choice
          label={told.order}
          value={order}
          onChange={(value) => {
            const [sort, way] = value.split(" ");
            onAsk({ ...asked, sort: sort as DocumentSort, order: way === "desc" ? "desc" : "asc" });
          }}
        >
          {Object.entries(orders).map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </Choice>
        <label className="check choice">
          <input
            type="checkbox"
            checked={asked.warnings === "true"}
            onChange={({ target }) => onAsk({ ...asked, warnings: target.checked ? "true" : "" })}
          />
          <span>{told.onlyWarned}</span>
        </label>
        {isNarrowed(asked) && (
          <button
            type="button"
            className="quiet"
            onClick={() => onAsk({ ...AS_USUAL, sort: asked.sort, order: asked.order })}
          >
            {told.clear}
          </button>
        )}
      </div>
    </div>
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

interface ChoiceProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  children: ReactNode;
}

function Choice({ label, value, onChange, children }: ChoiceProps) {
  return (
    <label className="choice">
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange(event.target.value)}>
        {children}
      </select>
    </label>
  );
}
