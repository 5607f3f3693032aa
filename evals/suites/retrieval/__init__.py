"""How well and how fast search finds, beside other libraries, on public data (`footnote bench retrieval`)."""
