"""`footnote bench jobs`: a thousand files through one job, with and without kill -9, and what the others feel of it."""
