"""How many machines an installation needs, by arithmetic from figures that were measured (docs/capacity.md)."""
