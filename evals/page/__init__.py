"""How quick the page is, in a real browser over a real service; run by hand, see docs/benchmarks.md."""
