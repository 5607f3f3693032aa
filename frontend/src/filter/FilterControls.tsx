import { type ReactNode, useId, useState } from "react";
import { useSigned } from "../app/context";
import type { Strictness } from "../client/types";
import { words } from "../strings";
import "../styles/filter.css";
import { DocumentPicker } from "./DocumentPicker";
import { ALL_FIELDS, type Filter, type FilterField, isValid, LIMITS, offeredStrictness } from "./filter";

interface Props {
  value: Filter;
  onChange: (value: Filter) => void;
  /** Which of them there are, in this order as far as they make sense for the reader. */
  fields?: FilterField[];
}

const LONGEST_KIND = 100;

/** What a question or a review may rest on: fields to be put into a form of the caller's. */
export function FilterControls({ value, onChange, fields = ALL_FIELDS }: Props) {
  const { me, session } = useSigned();
  const set = (change: Partial<Filter>) => onChange({ ...value, ...change });
  const levels = offeredStrictness(session);
  const parts: Record<FilterField, ReactNode> = {
    documents: <DocumentPicker value={value.documents} onChange={(documents) => set({ documents })} />,
    as_of: (
      <Day label={words.filter.asOf} hint={words.filter.asOfHint} value={value.asOf} onChange={(asOf) => set({ asOf })} />
    ),
    dates: <Dates value={value} onChange={set} />,
    kinds: <Kinds value={value.kinds} onChange={(kinds) => set({ kinds })} />,
    groups: me.groups.length > 0 && (
      <Choices legend={words.filter.groups} names={me.groups} chosen={value.groups} onChange={(groups) => set({ groups })} />
    ),
    strictness: levels.length > 0 && (
      <StrictnessChoice levels={levels} value={value.strictness} onChange={(strictness) => set({ strictness })} />
    ),
  };
  return (
    <div className="filter">
      {fields.map((field) => parts[field] !== false && <div key={field} className={`filter-part of-${field}`}>{parts[field]}</div>)}
    </div>
  );
}

function Day(props: { label: string; hint?: string; value: string; onChange: (value: string) => void; invalid?: boolean; describedBy?: string }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{props.label}</label>
      <input
        id={id}
        type="date"
        value={props.value}
        min="0001-01-01"
        max="9999-12-31"
        aria-invalid={props.invalid ?? false}
        aria-describedby={props.hint === undefined ? props.describedBy : `${id}-hint`}
        onChange={(event) => props.onChange(event.target.value)}
      />
      {props.hint !== undefined && (
        <p className="field-hint" id={`${id}-hint`}>
          {props.hint}
        </p>
      )}
    </div>
  );
}

function Dates({ value, onChange }: { value: Filter; onChange: (change: Partial<Filter>) => void }) {
  const id = useId();
  const crossed = !isValid(value);
  return (
    <fieldset>
      <legend>{words.filter.dates}</legend>
      <div className="filter-days">
        <Day label={words.filter.from} value={value.from} invalid={crossed} describedBy={id} onChange={(from) => onChange({ from })} />
        <Day label={words.filter.to} value={value.to} invalid={crossed} describedBy={id} onChange={(to) => onChange({ to })} />
      </div>
      <p className={crossed ? "field-hint wrong" : "field-hint"} id={id} role={crossed ? "alert" : undefined}>
        {crossed ? words.filter.datesCrossed : words.filter.datesHint}
      </p>
    </fieldset>
  );
}

function Kinds({ value, onChange }: { value: string[]; onChange: (kinds: string[]) => void }) {
  const id = useId();
  const [other, setOther] = useState("");
  const others = value.filter((kind) => !words.filter.kindNames.includes(kind));
  const word = other.trim();

  function add() {
    if (word !== "" && !value.includes(word) && value.length < LIMITS.kinds) onChange([...value, word]);
    setOther("");
  }

  return (
    <Choices legend={words.filter.kinds} names={[...words.filter.kindNames, ...others]} nameOf={words.filter.kind} chosen={value} onChange={onChange}>
      <div className="filter-other field">
        <label htmlFor={id}>{words.filter.otherKind}</label>
        <div className="filter-add">
          <input
            id={id}
            value={other}
            maxLength={LONGEST_KIND}
            aria-describedby={`${id}-hint`}
            onChange={(event) => setOther(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== "Enter" || event.nativeEvent.isComposing) return;
              event.preventDefault();
              add();
            }}
          />
          <button type="button" className="secondary" disabled={word === ""} onClick={add}>
            {words.filter.add}
          </button>
        </div>
        <p className="field-hint" id={`${id}-hint`}>
          {words.filter.otherKindHint}
        </p>
      </div>
    </Choices>
  );
}

function Choices(props: {
  legend: string;
  names: string[];
  nameOf?: (name: string) => string;
  chosen: string[];
  onChange: (chosen: string[]) => void;
  children?: ReactNode;
}) {
  const { legend, names, nameOf = (name) => name, chosen, onChange, children } = props;
  return (
    <fieldset>
      <legend>{legend}</legend>
      <div className="filter-choices">
        {names.map((name) => (
          <label key={name} className="filter-choice">
            <input
              type="checkbox"
              checked={chosen.includes(name)}
              onChange={({ target }) => onChange(target.checked ? [...chosen, name] : chosen.filter((one) => one !== name))}
            />
            {nameOf(name)}
          </label>
        ))}
      </div>
      {children}
    </fieldset>
  );
}

interface StrictnessChoiceProps {
  levels: Strictness[];
  value: Strictness | "";
  onChange: (level: Strictness | "") => void;
}

function StrictnessChoice({ levels, value, onChange }: StrictnessChoiceProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{words.filter.strictness}</label>
      <select id={id} value={value} onChange={(event) => onChange(levels.find((level) => level === event.target.value) ?? "")}>
        <option value="">{words.filter.usual}</option>
        {levels.map((level) => (
          <option key={level} value={level}>
            {words.filter.strictnessName(level)}
          </option>
        ))}
      </select>
    </div>
  );
}
