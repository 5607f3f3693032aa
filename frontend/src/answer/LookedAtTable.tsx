import type { LookedAt } from "../client/answers";
import { words } from "../strings";

const told = words.answers.why;

/** Every sentence that was looked at: where it came from, what became of it, and why. */
export function LookedAtTable({ sentences }: { sentences: LookedAt[] }) {
  const { sentence, origin, fate } = told.columnsOfSentences;
  return (
    <div className="why-scroll" role="group" aria-label={told.drafted} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {[sentence, origin, fate].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sentences.map((one, index) => (
            <tr key={index}>
              <td>{one.sentence !== null ? told.shippedAs(one.sentence) : (one.text ?? told.wordsWithheld)}</td>
              <td>{told.origins[one.origin]}</td>
              <td>
                {told.fates[one.fate]}
                {one.why !== "" && <span className="why-words">{one.why}</span>}
                {one.reason !== null && <span className="why-words">{one.reason}</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
