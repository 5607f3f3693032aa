/** "user:ben" as a person reads it: "ben". */
export function nameOf(principal: string): string {
  return principal.replace(/^user:/, "");
}
