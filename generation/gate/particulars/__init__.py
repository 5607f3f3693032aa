"""What a claim states that can be checked by rule: quantities, dates and names."""
