import type { ReactNode } from "react";

interface Props {
  label: string;
  head: string[];
  /** The first cell of each heads its row. */
  rows: ReactNode[][];
}

/** A table that scrolls sideways by itself where it is too wide, also by keyboard. */
export function ScrollTable({ label, head, rows }: Props) {
  return (
    <div className="scroll-table" role="region" aria-label={label} tabIndex={0}>
      <table>
        <caption className="visually-hidden">{label}</caption>
        <thead>
          <tr>
            {head.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            // The rows of a table are drawn at once, and never moved.
            <tr key={at}>
              {row.map((cell, column) =>
                column === 0 ? (
                  <th key={head[column]} scope="row">
                    {cell}
                  </th>
                ) : (
                  <td key={head[column]}>{cell}</td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
