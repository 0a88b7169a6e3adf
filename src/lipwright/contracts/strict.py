"""What all stored and sent values share."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

AssetDigest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""The SHA-256 of an asset of the same workspace."""
Tag = Annotated[str, Field(min_length=2, max_length=35, pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$")]
"""BCP 47."""
Name = Annotated[str, Field(max_length=120)]


class Strict(BaseModel):
    """Frozen, and without unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
