"""Recall of answers: which rest on what has changed (`marking`), how (`changes`), who is told (`recalling`), and asking
again (`again`)."""
