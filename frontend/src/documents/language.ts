const NAMES = new Intl.DisplayNames(["en"], { type: "language" });

/** "German" for "de"; empty for English, as most are, and where none is known. */
export function languageName(code: string): string {
  return isMeasured(code) ? "" : (NAMES.of(code) ?? code);
}

/** Whether answers are given from documents in it: English, or what is in no language that can be told. */
export function isMeasured(code: string): boolean {
  return code === "" || code === "und" || code.split("-")[0] === "en";
}
