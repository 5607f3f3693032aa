-- Which embedder made the vectors: those of two do not mix.
ALTER TABLE catalog_generation ADD COLUMN embedder text;
