"""`footnote bench kills`: processes that are killed again and again while they work, and what is wrong afterwards."""
