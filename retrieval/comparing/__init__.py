"""What differs between two texts: sentence by sentence within clauses, row by row within tables. Pure functions."""
