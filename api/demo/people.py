"""The sample people of the demo."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SamplePerson:
    user: str
    name: str
    groups: tuple[str, ...]


PEOPLE = (
    SamplePerson("ana", "Ana, legal", ("legal", "staff")),
    SamplePerson("ben", "Ben, finance", ("finance", "staff")),
    SamplePerson("carla", "Carla, people team", ("hr", "staff")),
    SamplePerson("dev", "Dev, clinical and quality", ("clinical", "staff")),
    SamplePerson("eve", "Eve, company secretary", ("board", "legal", "finance", "hr", "clinical", "staff")),
    SamplePerson("frank", "Frank, production", ("staff",)),
)
