/** Turns code point offsets into a text, as the server counts them, into UTF-16 offsets, as JavaScript does. */
export class CodePoints {
  /** Code point indexes of the characters outside the basic plane, ascending: each takes two units. */
  private readonly astral: number[] = [];
  readonly length: number;

  constructor(readonly text: string) {
    let index = 0;
    for (const character of text) {
      if (character.length === 2) this.astral.push(index);
      index += 1;
    }
    this.length = index;
  }

  /** The UTF-16 offset of a code point offset; offsets beyond the text are moved to its end. */
  toUtf16(offset: number): number {
    const clamped = Math.min(Math.max(offset, 0), this.length);
    let low = 0;
    let high = this.astral.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.astral[middle] as number) < clamped) low = middle + 1;
      else high = middle;
    }
    return clamped + low;
  }

  /** The code point offset of a UTF-16 offset. */
  fromUtf16(offset: number): number {
    let low = 0;
    let high = this.astral.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.astral[middle] as number) + middle < offset) low = middle + 1;
      else high = middle;
    }
    return offset - low;
  }

  /** The text between two code point offsets, as Python's `text[start:end]`. */
  slice(start: number, end: number): string {
    return this.text.slice(this.toUtf16(start), this.toUtf16(end));
  }
}

/** How many code points a text has: what the server's length limits count. */
export function countCodePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
