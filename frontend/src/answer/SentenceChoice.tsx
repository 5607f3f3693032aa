import type { Answer } from "../client/types";
import { words } from "../strings";

interface Props {
  label: string;
  /** What the answer as a whole is called. */
  whole: string;
  answer: Answer;
  /** From 1; 0: the whole. */
  value: number;
  onChange: (sentence: number) => void;
}

const LONGEST = 90;

/** One sentence of an answer, or the whole of it. */
export function SentenceChoice({ label, whole, answer, value, onChange }: Props) {
  return (
    <label className="field">
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange(Number(event.target.value))}>
        <option value={0}>{whole}</option>
        {answer.sentences.map(({ text, start }, index) => (
          <option key={start} value={index + 1}>
            {words.answers.feedback.sentence(index + 1, text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text)}
          </option>
        ))}
      </select>
    </label>
  );
}
