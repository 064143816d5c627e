"""Which column of a source's table means what: a small TOML file, kept beside the source."""

import tomllib
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from service.i18n.rules import known
from service.kit.errors import Fault, Kind, Refused
from service.places.model import DEEPEST, Category

_Text = Annotated[str, Field(min_length=1, max_length=200)]
_Level = Annotated[int, Field(ge=0, le=DEEPEST)]


class Columns(BaseModel):
    """What a mapping file says. Names of columns are the source's; `names` and the like go by language (BCP 47).

    `level` or `category` are for all rows; `level_column` and `category_column` name where each row says its own, in
    words that `categories` translates.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    scheme: Annotated[str, Field(pattern=r"^[a-z0-9-]{2,40}$", description="what the codes are, as divipola")]
    code: _Text
    source: _Text
    licence: _Text
    parent: _Text | None = None
    level: _Level | None = None
    level_column: _Text | None = None
    category: Category | None = None
    category_column: _Text | None = None
    categories: Mapping[str, Category] = {}
    longitude: _Text | None = None
    latitude: _Text | None = None
    radius_m: _Text | None = None
    outline_wkt: _Text | None = None
    names: Mapping[str, _Text] = {}
    aliases: Mapping[str, _Text] = {}
    old_names: Mapping[str, _Text] = {}
    codes: Mapping[str, _Text] = {}
    separator: _Text = Field(default="|", description="between several names or codes in one field")
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    encoding: _Text = "utf-8-sig"

    def all(self) -> list[str]:
        """Name every column that the table has to have."""
        single = (self.code, self.parent, self.level_column, self.category_column, self.longitude, self.latitude)
        listed = (self.names, self.aliases, self.old_names, self.codes)
        named = [*single, self.radius_m, self.outline_wkt, *(column for each in listed for column in each.values())]
        return [column for column in dict.fromkeys(named) if column]


def parse(content: bytes, file: str) -> Columns:
    """Read a mapping file. Refused, naming each field, where it is not one."""
    try:
        said: dict[str, Any] = tomllib.loads(content.decode("utf-8-sig"))
        columns = Columns.model_validate(said)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _refused(file, [Fault(file, f"It is not TOML: {error}.", "Write one key = value a line.")]) from None
    except ValidationError as error:
        faults = [
            Fault(".".join(map(str, one["loc"])), one["msg"], "See docs/decisions/0014-places.md for an example.")
            for one in error.errors(include_input=False, include_url=False)
        ]
        raise _refused(file, faults) from None
    tags = {*columns.names, *columns.aliases, *columns.old_names}
    strange = [
        Fault(f"names.{tag}", "It is no language.", "Use a BCP 47 tag.") for tag in sorted(tags) if known(tag) != tag
    ]
    if strange:
        raise _refused(file, strange)
    return columns


def _refused(file: str, faults: list[Fault]) -> Refused:
    detail = f"{file} does not say which column means what."
    return Refused(Kind.INVALID, "places-map-unfit", detail, where=file, remedy="Mend these fields:", faults=faults)
