"""`footnote eval questions`: a golden set out of a team's own documents, drafted by the model and checked."""
