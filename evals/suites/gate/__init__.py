"""Measurements of the gate: on real hallucinations, made-up ones, its speed, and the answers that it leaves."""
