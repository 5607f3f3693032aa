"""E-mail: what a message says, who says it, and which words in it are others'."""
