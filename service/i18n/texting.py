"""Every text of an SMS as it goes out with the longest names: how long it is, and what is wrong with that."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from service.i18n import lengths
from service.i18n.checking import SMS_SAMPLES, as_sms, plainly
from service.i18n.filling import write
from service.i18n.loading import SOURCE, direction_of
from service.i18n.model import Finding, Hole, Message
from service.i18n.po import Translation
from service.kit.sms import Encoding, foreign


@dataclass(frozen=True, slots=True)
class Texted:
    """One text in one language, filled; `plain` when it is the variant in GSM-7, and `place` is the name in it."""

    tag: str
    id: str
    file: str
    plain: bool
    text: str
    place: str
    sms: lengths.Sms


def texted(entry: Translation, names: Mapping[str, Hole], *, tag: str, file: str, plain: bool) -> Texted:
    """Fill a text with these names, and measure it."""
    text = as_sms(entry.text, tag=tag, direction=direction_of(tag), names=names)
    place = write(plainly(entry.text, {"place": names["place"]})["place"], tag) if "{place}" in entry.text else ""
    return Texted(tag, entry.id, file, plain, text, place, lengths.measure(text))


def naming_first(messages: Iterable[Message]) -> frozenset[str]:
    """Return the ids of texts whose first part has the place's name in English, so that it has in every language."""
    named = str(SMS_SAMPLES["place"])
    return frozenset(
        one.id
        for one in messages
        if one.sms and named in lengths.first_part(as_sms(one.english, tag=SOURCE, direction="ltr"))
    )


def faults(one: Texted, *, named_first: bool) -> list[Finding]:
    """Return what keeps a text from going out: too many segments, foreign letters, a place that is named too late."""
    found: list[tuple[str, str]] = []
    if one.plain and one.sms.encoding is not Encoding.GSM_7:
        lacking = foreign(one.text)
        reason = f"has letters that GSM-7 lacks ({lacking}), so needs {one.sms.segments} segments: {one.text!r}"
        found.append((reason, "write it without them, or give the place a name in Latin letters"))
    elif not one.sms.fits:
        found.append((one.sms.excess(one.text), "say it in fewer words"))
    if named_first and one.place not in lengths.first_part(one.text):
        reason = f"does not name the place in its first 67 units: {lengths.first_part(one.text)!r}"
        found.append((reason, "say first what the danger is, and where"))
    return [Finding(one.file, one.id, reason, remedy) for reason, remedy in found]
