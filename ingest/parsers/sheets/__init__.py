"""Spreadsheets: what every format of them has in common, and number formats."""
