/** What can be selected: by id, with what is needed to act on it later, when it has gone from the page. */
interface Selectable {
  document_id: string;
}

/** `anchor`: the row from which a range goes on. */
export interface Selection<T extends Selectable> {
  chosen: ReadonlyMap<string, T>;
  anchor: number | null;
}

export function nothing<T extends Selectable>(): Selection<T> {
  return { chosen: new Map(), anchor: null };
}

export function toggled<T extends Selectable>(selection: Selection<T>, one: T, at: number): Selection<T> {
  const chosen = new Map(selection.chosen);
  if (!chosen.delete(one.document_id)) chosen.set(one.document_id, one);
  return { chosen, anchor: at };
}

/** With these as well, the rows between the anchor and another one. */
export function extended<T extends Selectable>(selection: Selection<T>, between: Iterable<T>, anchor: number): Selection<T> {
  const more = [...between].map((one) => [one.document_id, one] as const);
  return { chosen: new Map([...selection.chosen, ...more]), anchor };
}

export function withAll<T extends Selectable>(rows: Iterable<T>): Selection<T> {
  return { chosen: new Map([...rows].map((one) => [one.document_id, one])), anchor: null };
}

export function without<T extends Selectable>(selection: Selection<T>, gone: Iterable<string>): Selection<T> {
  const chosen = new Map(selection.chosen);
  for (const id of gone) chosen.delete(id);
  return { chosen, anchor: null };
}
