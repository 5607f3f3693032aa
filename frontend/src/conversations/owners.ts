import type { Person } from "../client/types";

/** Whether a conversation (`owner`: `user:NAME`, in lower case) is this person's. */
export function isOwn(owner: string, user: string): boolean {
  return owner === `user:${user}`.toLowerCase();
}

/** What an owner is called. */
export function nameOf(owner: string, people: Person[]): string {
  return people.find(({ user }) => isOwn(owner, user))?.name ?? owner.replace(/^user:/, "");
}
