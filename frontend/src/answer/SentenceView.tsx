import type { SignOff } from "../client/answers";
import type { Citation, Sentence } from "../client/types";
import { words } from "../strings";
import { personOf } from "./format";
import { Chip } from "./Chip";
import { type ChipName, citedBy } from "./naming";
import { useReading } from "./reading";
import { isTableRow, supportLine } from "./words";

const told = words.answers;

interface Props {
  sentence: Sentence;
  /** From 1. */
  number: number;
  citations: Citation[];
  names: ChipName[];
  signed: SignOff[];
}

/**
 * A sentence with what it is, what it rests on, and who has signed it. Only its words can be selected; for what copies
 * them, `data-references` names its citations (copying.ts).
 */
export function SentenceView({ sentence, number, citations, names, signed }: Props) {
  const { active, setActive } = useReading();
  const cited = citedBy(sentence, citations);
  const support = supportLine(sentence, cited);
  return (
    <span
      className="sentence"
      data-sentence={number}
      data-active={active === number ? "" : undefined}
      tabIndex={-1}
      onPointerEnter={() => setActive(number)}
      onPointerLeave={() => setActive(null)}
      onFocus={() => setActive(number)}
      onBlur={() => setActive(null)}
    >
      <Badges sentence={sentence} cited={cited} />
      <span className="sentence-text">{sentence.text}</span>
      <span className="chips" data-references={cited.map(({ id }) => id).join(" ")}>
        {cited.map((citation, index) => (
          <Chip
            key={citation.id}
            citation={citation}
            name={names[index] ?? { full: citation.title, shown: "", title: citation.title }}
            support={support}
          />
        ))}
        {signed.map(({ by, verdict }) => (
          <span key={by} className={`badge signed ${verdict}`} data-uncopied="">
            {told.signOff.badge(told.signOff.beside[verdict], personOf(by))}
          </span>
        ))}
      </span>{" "}
    </span>
  );
}

function Badges({ sentence, cited }: { sentence: Sentence; cited: Citation[] }) {
  const { badges } = told.answer;
  const table = isTableRow(sentence, cited);
  return (
    <span className="badges" data-uncopied="">
      {sentence.note === "conflict" && <span className="badge">{badges.differ}</span>}
      {sentence.note === "quoted" && <span className="badge quoted">{table ? badges.table : badges.quoted}</span>}
      {sentence.cautions.length > 0 && <span className="badge warned">{badges.unsure}</span>}
    </span>
  );
}
