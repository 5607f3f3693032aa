"""`footnote bench load`: what a service makes of more questions than it can answer."""
