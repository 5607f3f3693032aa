"""What an erasure leaves behind: the search for words that should be gone, and receipts."""
