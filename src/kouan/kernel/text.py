"""Text that a person reads, in both languages, beside the fact that it describes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence or label in Chinese and English; a missing language is refused (ValueError)."""

    zh: str
    en: str

    def __post_init__(self) -> None:
        if not self.zh.strip() or not self.en.strip():
            raise ValueError(f"text needs both languages: zh={self.zh!r} en={self.en!r}")

    def fill(self, **values: object) -> Text:
        """The text with its {placeholders} replaced; unknown placeholders raise KeyError."""
        return Text(self.zh.format(**values), self.en.format(**values))

    def out(self) -> dict[str, str]:
        """The JSON shape that the API and the web client share."""
        return {"zh": self.zh, "en": self.en}
