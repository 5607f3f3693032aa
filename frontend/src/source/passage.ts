import type { DocumentText } from "../client/sources";
import { CodePoints } from "../codePoints";
import type { Span } from "./layout";

/** Characters of a text, whole or the stretch of it that is here, by the code points of the whole. */
export class Passage {
  private readonly points: CodePoints;
  private static readonly made = new WeakMap<DocumentText, Passage>();

  private constructor(private readonly document: DocumentText) {
    this.points = new CodePoints(document.text);
  }

  /** One for each text: to count the characters of a long one takes a while. */
  static of(document: DocumentText): Passage {
    const found = Passage.made.get(document) ?? new Passage(document);
    Passage.made.set(document, found);
    return found;
  }

  get end(): number {
    return this.document.start + this.points.length;
  }

  get whole(): boolean {
    return this.document.start === 0 && this.end === this.document.chars;
  }

  /** The UTF-16 offset within what is here; what lies before or after it is moved to its ends. */
  toUtf16(codePoint: number): number {
    return this.points.toUtf16(codePoint - this.document.start);
  }

  fromUtf16(offset: number): number {
    return this.document.start + this.points.fromUtf16(offset);
  }

  /** What stands at a place; null where not all of it is here. */
  at({ start, end }: Span): string | null {
    if (start < this.document.start || end > this.end) return null;
    return this.document.text.slice(this.toUtf16(start), this.toUtf16(end));
  }
}
