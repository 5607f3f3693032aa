/** A place in the grid: row 0 holds the questions, column 0 the documents. */
export interface At {
  row: number;
  column: number;
}

interface Size {
  /** Without the headers. */
  rows: number;
  columns: number;
  /** How many rows a page is. */
  page: number;
}

/** Where a key leads from a cell (ARIA's grid pattern); null where it is none of the grid's, or leads nowhere. */
export function moved({ row, column }: At, key: { key: string; ctrlKey: boolean; metaKey: boolean; altKey: boolean }, size: Size): At | null {
  if (key.altKey) return null;
  const whole = key.ctrlKey || key.metaKey;
  const to = target({ row, column }, key.key, whole, size);
  if (to === null) return null;
  const at = { row: Math.min(Math.max(to.row, 0), size.rows), column: Math.min(Math.max(to.column, 0), size.columns) };
  return at.row === row && at.column === column ? null : at;
}

function target({ row, column }: At, key: string, whole: boolean, { rows, columns, page }: Size): At | null {
  switch (key) {
    case "ArrowUp":
      return { row: whole ? 1 : row - 1, column };
    case "ArrowDown":
      return { row: whole ? rows : row + 1, column };
    case "ArrowLeft":
      return { row, column: whole ? 0 : column - 1 };
    case "ArrowRight":
      return { row, column: whole ? columns : column + 1 };
    case "Home":
      return { row: whole ? 1 : row, column: 0 };
    case "End":
      return { row: whole ? rows : row, column: columns };
    case "PageUp":
      return { row: Math.max(1, row - page), column };
    case "PageDown":
      return { row: row + page, column };
    default:
      return null;
  }
}

/** The cell after one, or before it: through a row's questions, then on in the next row; null at the end. */
export function step({ row, column }: At, by: 1 | -1, { rows, columns }: Pick<Size, "rows" | "columns">): At | null {
  const place = (row - 1) * columns + (column - 1) + by;
  if (place < 0 || place >= rows * columns) return null;
  return { row: Math.floor(place / columns) + 1, column: (place % columns) + 1 };
}
