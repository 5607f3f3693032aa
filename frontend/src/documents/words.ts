/** What becomes of a document that is deleted. */
export function keptFor(days: number): string {
  if (days === 0) return "This cannot be undone.";
  return `It can be restored for ${days === 1 ? "one day" : `${days} days`}.`;
}
