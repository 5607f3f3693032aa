/**
 * What the page keeps between reloads, for one person in this tab: drafts, how its columns stand. Who signs out takes it
 * along; of a session that ended by itself it waits for the same person, and goes when somebody else comes.
 */
const PREFIX = "footnote.";
const PERSON = "person"; // whose it is; there as long as anything else is
let person = "";

/** Null where nothing is kept under this name, or the browser keeps nothing. */
export function kept(name: string): string | null {
  try {
    return sessionStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

/** Null: no more. Where the browser keeps nothing it lasts as long as the view. */
export function keep(name: string, value: string | null): void {
  try {
    if (value === null) sessionStorage.removeItem(PREFIX + name);
    else sessionStorage.setItem(PREFIX + name, value);
    const [first = "", ...more] = names();
    if (value !== null && person !== "") sessionStorage.setItem(PREFIX + PERSON, person);
    else if (more.length === 0 && first === PREFIX + PERSON) sessionStorage.removeItem(first);
  } catch {
    // The browser is set to keep nothing, or its room is full.
  }
}

/** From now on it is this person's: what somebody else has left is forgotten before they see the page. */
export function keepFor(user: string): void {
  if (kept(PERSON) !== user) forgetKept();
  person = user;
}

function names(): string[] {
  return Object.keys(sessionStorage).filter((name) => name.startsWith(PREFIX));
}

export function forgetKept(): void {
  try {
    for (const name of names()) sessionStorage.removeItem(name);
  } catch {
    // Nothing is kept.
  }
}
