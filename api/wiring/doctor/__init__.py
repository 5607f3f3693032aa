"""The readiness list: each row looks at the running system and says whether it is in order, and what to do if not."""
