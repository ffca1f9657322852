"""What a paper says, in the reader's language and with money already written out: frozen when issued."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Party:
    """Who: a heading (seller, buyer) and lines of name, address, numbers."""

    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Sum:
    """A line of money; `amount` as the reader's language writes it. A total is set off."""

    label: str
    amount: str
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class Paper:
    """All that is printed. `lead` is the sentence under the title; `signatures` are labels of lines to sign on."""

    title: str
    parties: tuple[Party, ...] = ()
    lead: str = ""
    facts: tuple[Fact, ...] = ()
    sums: tuple[Sum, ...] = ()
    paragraphs: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()
    # What the check page shows to whoever holds the paper.
    summary: str = field(default="")

    @property
    def seller_name(self) -> str:
        """As it was when the paper was issued."""
        return self.parties[0].lines[0] if self.parties else ""

    @property
    def buyer_name(self) -> str:
        return self.parties[1].lines[0] if len(self.parties) > 1 else ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls(
            **{
                **data,
                "parties": tuple(Party(each["heading"], tuple(each["lines"])) for each in data["parties"]),
                "facts": tuple(Fact(**each) for each in data["facts"]),
                "sums": tuple(Sum(**each) for each in data["sums"]),
                "paragraphs": tuple(data["paragraphs"]),
                "signatures": tuple(data["signatures"]),
            }
        )
