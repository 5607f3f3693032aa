"""Plain questions over real contracts and annual reports, split by document, with what a right answer rests on."""
