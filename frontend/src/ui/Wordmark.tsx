import { words } from "../strings";

export function Wordmark() {
  return (
    <span className="wordmark">
      {words.product}
      <sup aria-hidden="true">1</sup>
    </span>
  );
}
