"""What every part of the FAL profile shares: frozen, strict, nothing unknown; JSON names as ISO 28005-2 writes them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, Strict
from pydantic.alias_generators import to_pascal

from kouan.kernel.dated import unnumbered

Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$", description="ISO 3166-1 alpha-2", examples=["CN"])]
Nationality = Annotated[str, Field(pattern=r"^[A-Z]{2,3}$", description="ISO 3166-1 alpha-2 or alpha-3")]
LoCode = Annotated[str, Field(pattern=r"^[A-Z]{2}[A-Z2-9]{3}$", description="UN/LOCODE", examples=["CNWHH"])]
Name = Annotated[str, Field(min_length=1, max_length=70)]
Text256 = Annotated[str, Field(min_length=1, max_length=256)]
Text512 = Annotated[str, Field(max_length=512)]
Count = Annotated[int, Field(ge=0, le=99_999)]
Moment = Annotated[AwareDatetime, Field(description="ISO 8601 with time zone"), Strict(False), BeforeValidator(unnumbered)]


class Part(BaseModel):
    """Base of the parts."""

    model_config = ConfigDict(
        frozen=True, strict=True, extra="forbid", alias_generator=to_pascal, validate_by_name=True,
        allow_inf_nan=False, serialize_by_alias=True,
    )


def named(alias: str, default: Any = ..., **options: Any) -> Any:
    """A field whose name in ISO 28005-2 is not simply its own in capitals (UNLoCode, IMONumber)."""
    return Field(default, alias=alias, **options)
