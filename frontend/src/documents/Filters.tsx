import { useId } from "react";
import type { Asked } from "../client/documents";
import { words } from "../strings";
import { formatDate, formatLabel } from "../ui/format";
import { AS_USUAL, type FilterName, filtersOf, isCrossed, isNarrowed } from "./asked";
import { LANGUAGES, nameOf } from "./language";

const told = words.documents;
const NO_LANGUAGE = "und";

export interface Props {
  asked: Asked;
  /** Who may be asked for as a reader. */
  readers: string[];
  onAsk: (asked: Asked) => void;
  /** Also those that are asked for most. */
  all: boolean;
}

/** What a list is narrowed by: kind and readers, and with `rest` language, days and warnings. */
export function Filters({ asked, readers, onAsk, all, rest = false }: Props & { rest?: boolean }) {
  const kinds = { ...told.kinds, ...(asked.kind === "" || asked.kind in told.kinds ? {} : { [asked.kind]: asked.kind }) };
  const labels = [...new Set([...readers, asked.label])].filter(Boolean);
  const languages = [...new Set([...LANGUAGES, NO_LANGUAGE, asked.language])].filter(Boolean);
  const named = (values: string[], name: (value: string) => string) => Object.fromEntries(values.map((value) => [value, name(value)]));
  return (
    <>
      {(all || !rest) && (
        <>
          <Choice label={told.kind} value={asked.kind} options={{ "": told.anyKind, ...kinds }} onChange={(kind) => onAsk({ ...asked, kind })} />
          <Choice
            label={told.reader}
            value={asked.label}
            options={{ "": told.anyReader, ...named(labels, formatLabel) }}
            onChange={(label) => onAsk({ ...asked, label })}
          />
        </>
      )}
      {rest && (
        <>
          <Choice
            label={told.inLanguage}
            value={asked.language}
            options={{ "": told.anyLanguage, ...named(languages, languageTold) }}
            onChange={(language) => onAsk({ ...asked, language })}
          />
          <Days asked={asked} onAsk={onAsk} />
          <label className="check choice">
            <input
              type="checkbox"
              checked={asked.warnings === "true"}
              onChange={({ target }) => onAsk({ ...asked, warnings: target.checked ? "true" : "" })}
            />
            <span>{told.onlyWarned}</span>
          </label>
        </>
      )}
    </>
  );
}

function Days({ asked, onAsk }: Pick<Props, "asked" | "onAsk">) {
  const id = useId();
  const crossed = isCrossed(asked);
  const day = (name: "from" | "to") => (
    <label className="choice">
      <span>{told.days[name]}</span>
      <input
        type="date"
        value={asked[name]}
        min="0001-01-02"
        max="9999-12-31"
        aria-invalid={crossed}
        aria-describedby={id}
        onChange={({ target }) => onAsk({ ...asked, [name]: target.value })}
      />
    </label>
  );
  return (
    <fieldset className="days">
      <legend>{told.days.legend}</legend>
      {day("from")}
      {day("to")}
      <p className={crossed ? "crossed" : "muted"} id={id}>
        {crossed ? told.days.crossed : told.days.hint}
      </p>
    </fieldset>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  /** Names by value, in their order. */
  options: Record<string, string>;
  onChange: (value: string) => void;
}

export function Choice({ label, value, options, onChange }: ChoiceProps) {
  return (
    <label className="choice">
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange(event.target.value)}>
        {Object.entries(options).map(([option, name]) => (
          <option key={option} value={option}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

/** What the list is narrowed to, in words; each can be taken back, and all of it. */
export function Narrowed({ asked, onAsk }: Pick<Props, "asked" | "onAsk">) {
  if (!isNarrowed(asked)) return null;
  return (
    <div className="narrowed" role="group" aria-label={told.narrowed}>
      {filtersOf(asked).map((name) => (
        <button
          key={name}
          type="button"
          className="narrowing"
          aria-label={told.takeBack(tellFilter(asked, name))}
          onClick={() => onAsk({ ...asked, [name]: "" })}
        >
          {tellFilter(asked, name)} <span aria-hidden="true">×</span>
        </button>
      ))}
      <button type="button" className="quiet" onClick={() => onAsk({ ...AS_USUAL, sort: asked.sort, order: asked.order })}>
        {told.clear}
      </button>
    </div>
  );
}

/** A filter in words: "in German". */
export function tellFilter(asked: Asked, name: FilterName): string {
  const value = asked[name];
  if (name === "kind") return told.kinds[value] ?? value;
  if (name === "label") return told.readableBy(formatLabel(value));
  if (name === "language") return value === NO_LANGUAGE ? told.noLanguage : told.in(nameOf(value));
  if (name === "warnings") return told.warnedOnes;
  return name === "from" ? told.days.since(formatDate(value)) : told.days.until(formatDate(value));
}

function languageTold(code: string): string {
  return code === NO_LANGUAGE ? told.noLanguage : nameOf(code);
}
