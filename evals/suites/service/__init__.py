"""`footnote bench service`: how long an answer takes at the HTTP API, and how much of that is not the model's."""
