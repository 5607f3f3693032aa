"""RAGAS, our gate and a language model's preference, held against what people said."""
