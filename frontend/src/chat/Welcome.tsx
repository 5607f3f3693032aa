import { words } from "../strings";

/** Before the first question. */
export function Welcome({ suggestions, onChoose }: { suggestions: string[]; onChoose: (question: string) => void }) {
  return (
    <div className="welcome">
      <h1 id="chat-title">{words.chat.welcome}</h1>
      <p className="lead">{words.chat.welcomeWhat}</p>
      {suggestions.length > 0 && (
        <>
          <h2 id="suggestions-title">{words.chat.begin}</h2>
          <ul className="suggestions" aria-labelledby="suggestions-title">
            {suggestions.map((question) => (
              <li key={question}>
                <button type="button" onClick={() => onChoose(question)}>
                  {question}
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
