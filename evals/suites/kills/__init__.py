"""`footnote bench trail`: a service that is killed again and again while it works, and what its record then lacks."""
