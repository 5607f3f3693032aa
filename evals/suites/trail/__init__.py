"""`footnote bench trail`: how long a trail takes to be verified."""
