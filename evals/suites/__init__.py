"""Sets of questions, and what is measured on them."""
