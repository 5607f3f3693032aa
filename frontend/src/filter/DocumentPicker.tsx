import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { ComboBox, Input, Label, ListBox, ListBoxItem, Popover, Text } from "react-aria-components";
import { useSigned } from "../app/context";
import { findDocuments, FOUND } from "../client/finding";
import { words } from "../strings";
import { type ChosenDocument, LIMITS } from "./filter";

const PAUSE_MS = 180;

interface Props {
  value: ChosenDocument[];
  onChange: (documents: ChosenDocument[]) => void;
}

/** Documents to choose by words of their titles, of those that one may read; the chosen ones can be taken out again. */
export function DocumentPicker({ value, onChange }: Props) {
  const { api } = useSigned();
  const [typed, setTyped] = useState("");
  const asked = useSettled(typed.trim());
  const box = useRef<HTMLInputElement>(null);
  const chosen = new Set(value.map(({ id }) => id));
  const full = value.length >= LIMITS.documents;
  const { data, isFetching } = useQuery({
    queryKey: ["documents", "found", asked],
    queryFn: ({ signal }) => findDocuments(api, asked, signal),
    placeholderData: (before) => before,
    enabled: !full,
  });
  const found = (data?.documents ?? []).filter(({ document_id: id }) => !chosen.has(id));
  const total = data?.total ?? 0;

  function choose(key: unknown) {
    const one = found.find(({ document_id: id }) => id === key);
    if (one === undefined) return;
    onChange([...value, { id: one.document_id, title: one.title }]);
    setTyped("");
  }

  function remove(index: number) {
    onChange(value.filter((_, at) => at !== index));
    box.current?.focus();
  }

  return (
    <div className="picker">
      <ComboBox
        className="field"
        items={found}
        inputValue={typed}
        onInputChange={setTyped}
        value={null}
        onChange={choose}
        menuTrigger="focus"
        allowsEmptyCollection
        isDisabled={full}
      >
        <Label>{words.filter.documents}</Label>
        <Input ref={box} autoComplete="off" maxLength={200} />
        <Text slot="description" className="field-hint">
          {full ? words.filter.mostDocuments(LIMITS.documents) : words.filter.documentsHint}
        </Text>
        <Popover className="popover picker-popover">
          <ListBox className="menu" renderEmptyState={() => <p className="picker-empty">{isFetching ? words.filter.searching : words.filter.noDocument}</p>}>
            {(document: (typeof found)[number]) => (
              <ListBoxItem id={document.document_id} className="menu-item" textValue={document.title}>
                <Text slot="label" className="picker-title">
                  {document.title}
                </Text>
                <Text slot="description" className="picker-source">
                  {document.source}
                </Text>
              </ListBoxItem>
            )}
          </ListBox>
          {total > FOUND && <p className="picker-more">{words.filter.moreThan(FOUND, total)}</p>}
        </Popover>
      </ComboBox>
      {value.length > 0 && (
        <ul className="chips" aria-label={words.filter.chosen}>
          {value.map(({ id, title }, index) => (
            <li key={id} className="chip">
              <span className="chip-name">{title}</span>
              <button type="button" aria-label={words.filter.remove(title)} onClick={() => remove(index)}>
                <span aria-hidden="true">✕</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** A value once it has stayed the same for a moment. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
