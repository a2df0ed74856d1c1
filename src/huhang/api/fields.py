"""Kinds of values that programs send: made safe to keep before anything looks at them."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from huhang.kernel.plain import MAX_TEXT, plain_line, plain_text

Code = Annotated[str, Field(max_length=80), AfterValidator(plain_line)]
Line = Annotated[str, Field(max_length=200), AfterValidator(plain_line)]
Name = Annotated[str, Field(max_length=160), AfterValidator(plain_line)]
Text = Annotated[str, Field(max_length=MAX_TEXT), AfterValidator(plain_text)]
Mapping = Annotated[str, Field(max_length=20_000), AfterValidator(plain_text)]
Codes = Annotated[list[Code], Field(max_length=200)]
PageNumber = Annotated[int, Field(ge=1, le=1_000_000)]
PageSize = Annotated[int, Field(ge=1, le=200)]
