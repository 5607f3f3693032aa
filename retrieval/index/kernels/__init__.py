"""The inner loops of search, compiled by numba. Import from here at the first search, not before: it is slow.

Plain IEEE arithmetic in a fixed order (no fastmath): a row's score is the same whatever lies around it, however
many threads share the work. All of them release the GIL. Row numbers and offsets are int64 unless said otherwise.
"""
