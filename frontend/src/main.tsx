import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import "./styles/base.css";
import "./styles/sign-in.css";
import "./styles/workspace.css";
import "./styles/chat.css";
import "./styles/composer.css";
import "./styles/source.css";
import "./styles/parts.css";
import "./styles/evaluation.css";

createRoot(document.getElementById("root") as HTMLElement).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
