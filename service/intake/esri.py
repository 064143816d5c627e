"""Knows what a layer of an ArcGIS server says of itself, and what its ids and its dates mean."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from service.intake.model import Record
from service.kit.errors import Kind, Refused

_MOST_PAGE = 1_000
_MOST_ID = 2**63
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Layer:
    """What a layer says of itself, as far as reading it needs."""

    id_field: str
    dates: frozenset[str]
    page: int
    pages: bool
    ordered: bool
    geojson: bool

    @classmethod
    def of(cls, told: Mapping[str, Any], url: str) -> "Layer":
        """Read a layer's description. Raises Refused for what describes no layer of features."""
        listed = told.get("fields")
        fields = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        ids = [str(one.get("name")) for one in fields if one.get("type") == "esriFieldTypeOID"]
        id_field = str(told.get("objectIdField") or (ids[0] if ids else ""))
        most = told.get("maxRecordCount")
        if not id_field.isidentifier() and not id_field.replace(".", "_").isidentifier():
            detail = "The address describes no layer of features with an id for each."
            remedy = "Give the address of one layer, which ends with its number, as in …/FeatureServer/0."
            raise Refused(Kind.INVALID, "layer-unfit", detail, where=url, remedy=remedy)
        able = told.get("advancedQueryCapabilities")
        able = able if isinstance(able, dict) else {}
        return cls(
            id_field=id_field,
            dates=frozenset(str(one.get("name")) for one in fields if one.get("type") == "esriFieldTypeDate"),
            page=min(most, _MOST_PAGE) if isinstance(most, int) and most > 0 else _MOST_PAGE,
            pages=bool(able.get("supportsPagination", told.get("supportsPagination", False))),
            ordered=bool(able.get("supportsOrderBy", True)),
            geojson="geojson" in str(told.get("supportedQueryFormats", "")).casefold(),
        )


def is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -_MOST_ID < value < _MOST_ID


def id_of(record: Record, layer: Layer) -> int | None:
    """Return the layer's own number of a row."""
    told = record.feature.get("properties")
    value = told.get(layer.id_field) if isinstance(told, dict) else None
    value = record.feature.get("id") if value is None else value
    return value if is_id(value) else None


def dated(record: Record, layer: Layer) -> Record:
    """Return a row whose dates are ISO text."""
    told = record.feature.get("properties")
    if not layer.dates or not isinstance(told, dict):
        return record
    properties = {name: _dated(value) if name in layer.dates else value for name, value in told.items()}
    return replace(record, feature={**record.feature, "properties": properties})


def _dated(value: Any) -> Any:
    """Return milliseconds since 1970 as ISO text, without the time where it is midnight, as sources mean it."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    try:
        moment = _EPOCH + timedelta(milliseconds=value)
    except (OverflowError, ValueError):
        return value
    midnight = moment.time() == _EPOCH.time()
    return moment.date().isoformat() if midnight else moment.isoformat().replace("+00:00", "Z")
