/**
 * What the page keeps between reloads, for one person in this tab: drafts, how its columns stand. Who signs out takes it
 * along; of a session that ended by itself it waits for the same person, and goes when somebody else comes.
 */
const PREFIX = "footnote.";

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
  } catch {
    // The browser is set to keep nothing, or its room is full.
  }
}

/** From now on it is this person's: what somebody else has left is forgotten before they see the page. */
export function keepFor(user: string): void {
  if (kept("person") === user) return;
  forgetKept();
  keep("person", user);
}

export function forgetKept(): void {
  try {
    for (const name of Object.keys(sessionStorage)) {
      if (name.startsWith(PREFIX)) sessionStorage.removeItem(name);
    }
  } catch {
    // Nothing is kept.
  }
}
