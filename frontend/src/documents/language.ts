/** Those that a person may say a document is in; the API takes any BCP 47 code. */
export const LANGUAGES = "en ar cs da de el es fi fr hu it ja ko nl no pl pt ro ru sv th tr uk zh".split(" ");

const NAMES = new Intl.DisplayNames(["en"], { type: "language" });

/** "German" for "de"; empty for English, as most are, and where none is known. */
export function languageName(code: string): string {
  return isMeasured(code) ? "" : nameOf(code);
}

/** "German" for "de". */
export function nameOf(code: string): string {
  return NAMES.of(code) ?? code;
}

/** Whether answers are given from documents in it: English, or what is in no language that can be told. */
export function isMeasured(code: string): boolean {
  return code === "" || code === "und" || code.split("-")[0] === "en";
}
