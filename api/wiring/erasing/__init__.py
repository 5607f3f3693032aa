"""Erasure with a receipt: of documents, of persons, and the search for what should be gone."""
