import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useMemo, useState } from "react";
import { Switch } from "react-aria-components";
import { useSigned } from "../app/context";
import { useTitle } from "../app/title";
import { Problem } from "../client/problem";
import { startReview } from "../client/reviews";
import { FilterControls } from "../filter/FilterControls";
import { type Filter, type FilterField, isValid, NO_FILTER, toQuery } from "../filter/filter";
import { words } from "../strings";
import "../styles/reviews.css";
import { ProblemNotice } from "../ui/ProblemNotice";
import { LONGEST_QUESTION, MOST_QUESTIONS, parseQuestions, type Questions } from "./questions";
import { useHolds } from "./useHolds";

const said = words.reviews;
const MOST_DOCUMENTS = 1000;
const FIELDS: FilterField[] = ["documents", "kinds", "groups", "as_of", "dates"];

/** Title, questions and documents of a review to be. */
export function NewReview() {
  useTitle(said.newTitle);
  const { api } = useSigned();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [title, setTitle] = useState("");
  const [text, setText] = useState("");
  const [filter, setFilter] = useState<Filter>(NO_FILTER);
  const [live, setLive] = useState(false);
  const [tried, setTried] = useState(false);
  const asked = useMemo(() => parseQuestions(text), [text]);
  const holds = useHolds(filter);
  const wrong = wrongOf(asked, holds.documents);
  const missing = title.trim() === "" ? said.missingTitle : asked.questions.length === 0 ? said.missingQuestions : "";

  const start = useMutation({
    mutationFn: () => startReview(api, { title: title.trim(), questions: asked.questions, ...toQuery(filter), live }),
    onSuccess: ({ id }) => {
      void queries.invalidateQueries({ queryKey: ["reviews", "list"] });
      void navigate({ to: "/reviews/$id", params: { id } as never, replace: true });
    },
  });
  function onSubmit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    if (missing !== "") document.getElementById(title.trim() === "" ? "review-name" : "review-questions")?.focus();
    else if (wrong === "" && isValid(filter)) start.mutate();
  }
  return (
    <main className="view reviews" id="main" tabIndex={-1} aria-labelledby="new-review-title">
      <div className="wide-column">
        <p className="review-back">
          <Link to="/reviews" activeOptions={{ exact: true }}>{said.back}</Link>
        </p>
        <h1 id="new-review-title">{said.newTitle}</h1>
        <p className="lead">{said.newLead}</p>
        <form className="new-review" onSubmit={onSubmit} noValidate>
          <div className="field">
            <label htmlFor="review-name">{said.name}</label>
            <input
              id="review-name"
              required
              maxLength={200}
              autoComplete="off"
              placeholder={said.namePlaceholder}
              value={title}
              aria-invalid={tried && title.trim() === ""}
              onChange={(event) => setTitle(event.target.value)}
            />
          </div>
          <div className="field">
            <label htmlFor="review-questions">{said.questions}</label>
            <textarea
              id="review-questions"
              required
              rows={7}
              placeholder={said.questionsPlaceholder}
              value={text}
              aria-describedby="review-questions-help review-questions-count"
              aria-invalid={asked.questions.length > MOST_QUESTIONS || (tried && asked.questions.length === 0)}
              onChange={(event) => setText(event.target.value)}
            />
            <p className="hint" id="review-questions-help">
              {said.questionsHelp}
            </p>
            <p className="hint review-asked" id="review-questions-count">
              {said.asked(asked.questions.length)} {asked.twice > 0 && said.twice(asked.twice)}
            </p>
          </div>
          <fieldset className="review-documents">
            <legend>{said.documents}</legend>
            <p className="hint">{said.documentsHelp}</p>
            <FilterControls value={filter} onChange={setFilter} fields={FIELDS} />
          </fieldset>
          <FilterControls value={filter} onChange={setFilter} fields={["strictness"]} />
          <div className="field">
            <Switch className="switch" isSelected={live} onChange={setLive} aria-describedby="review-live-help">
              <span className="switch-track" aria-hidden="true" />
              {said.keepLive}
            </Switch>
            <p className="hint" id="review-live-help">
              {said.keepLiveWhat}
            </p>
          </div>
          <p className="review-holds" role="status">
            {holds.counting ? said.counting : holdsLine(holds.documents, asked.questions.length)}
          </p>
          {(wrong !== "" || (tried && missing !== "")) && (
            <p className="notice problem" role="alert">
              {wrong !== "" ? wrong : missing}
            </p>
          )}
          {start.error !== null && <ProblemNotice problem={Problem.from(start.error)} />}
          <div className="form-actions">
            <Link to="/reviews" className="button secondary" activeOptions={{ exact: true }}>
              {words.ui.cancel}
            </Link>
            <button type="submit" className="primary" disabled={start.isPending || wrong !== "" || !isValid(filter)}>
              {start.isPending ? said.starting : said.start}
            </button>
          </div>
        </form>
      </div>
    </main>
  );
}

/** Why it cannot begin so, "": it can. */
function wrongOf({ questions }: Questions, documents: number | null): string {
  const long = questions.findIndex((question) => [...question].length > LONGEST_QUESTION);
  if (questions.length > MOST_QUESTIONS) return said.tooMany(questions.length);
  if (long >= 0) return said.tooLong(long + 1);
  if (documents !== null && documents > MOST_DOCUMENTS) return said.holdsTooMany(documents);
  return documents === 0 ? said.holdsNone : "";
}

function holdsLine(documents: number | null, questions: number): string {
  if (documents === null || documents === 0 || documents > MOST_DOCUMENTS) return "";
  return said.willHold(documents, questions);
}
