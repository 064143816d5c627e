"""The report as a sheet of paper: one page, one colour, no scripts; somebody else types it in."""

from collections.abc import Mapping
from html import escape

from service.i18n.catalogues import Catalogues
from service.i18n.model import Message, State
from service.outreach import words

_SHEET = """<!doctype html>
<html lang="{language}" dir="{direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
@page{{size:A4;margin:12mm}}
body{{font:11pt/1.3 sans-serif;max-width:44em;margin:1em auto;padding:0 1em}}
h1{{font-size:16pt;margin:0}}
table{{border-collapse:collapse;width:100%;margin:.5em 0}}
th,td{{border:1pt solid;padding:.2em .4em;text-align:start;vertical-align:top}}
td{{height:6mm}}
.line th{{width:35%}}
ul{{list-style:none;margin:0;padding:0;columns:2}}
li{{break-inside:avoid}}
li::before{{content:"\\2610\\a0"}}
strong.notice{{display:block;border:1pt solid;padding:.3em}}
@media print{{body{{max-width:none;margin:0;padding:0}}}}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
{body}
</main>
</body>
</html>
"""
_GAINS = 4
"""Lines for classes that answered questions; who needs more takes another sheet."""


def sheet(catalogues: Catalogues, tag: str, groups: tuple[str, ...], notice: Message) -> str:
    """Return the sheet in a language that has all its words; `notice` says of a draft that it is one."""
    language = catalogues.catalogue(tag).language
    said = _Said(catalogues, tag)
    draft = [f'<strong class="notice">{said(notice)}</strong>'] if language.state is State.DRAFT else []
    body = [*draft, f"<p>{said.label('task')}</p>", _about(said), _people(said, groups), _learnt(said)]
    return _SHEET.format(language=tag, direction=language.direction, title=said.label("title"), body="\n".join(body))


class _Said:
    """Says words in one language, fit for HTML."""

    def __init__(self, catalogues: Catalogues, tag: str) -> None:
        self._catalogues, self._tag = catalogues, tag

    def __call__(self, message: Message) -> str:
        return escape(self._catalogues.render(message, self._tag))

    def label(self, name: str) -> str:
        return self(words.LABELS[name])


def _about(said: _Said) -> str:
    rows = [_line(said.label(name)) for name in ("date", "sessions", "organisation", "place")]
    choices: Mapping[str, Mapping[str, Message]] = {
        "place_type": {one.value: message for one, message in words.PLACE_TYPES.items()},
        "delivery": {one.value: message for one, message in words.DELIVERIES.items()},
        "method": {one.value: message for one, message in words.METHODS.items()},
    }
    for name, offered in choices.items():
        # Whoever types it in finds the word of the API beside the box.
        items = "".join(f'<li>{said(message)} <bdi dir="ltr">({code})</bdi></li>' for code, message in offered.items())
        rows.append(_line(said.label(name), f"<ul>{items}</ul>"))
    return f'<table class="line"><tbody>{"".join(rows)}</tbody></table>'


def _people(said: _Said, groups: tuple[str, ...]) -> str:
    heads = "".join(f'<th scope="col">{said(message)}</th>' for message in words.SEXES.values())
    blank = "<td>&nbsp;</td>" * len(words.SEXES)
    rows = "".join(f'<tr><th scope="row"><bdi dir="ltr">{escape(group)}</bdi></th>{blank}</tr>' for group in groups)
    table = f'<thead><tr><th scope="col">{said.label("age")}</th>{heads}</tr></thead><tbody>{rows}</tbody>'
    more = "".join(_line(said.label(name)) for name in ("first_timers", "with_disabilities"))
    caption = f"<caption>{said.label('people')}</caption>"
    return f'<table>{caption}{table}</table><table class="line"><tbody>{more}</tbody></table>'


def _learnt(said: _Said) -> str:
    heads = [said.label("lesson"), said.label("revision"), "A/B"]
    heads += [said.label(name) for name in ("asked", "right_before", "right_after")]
    head = "".join(f'<th scope="col">{one}</th>' for one in heads)
    rows = f"<tr>{'<td>&nbsp;</td>' * len(heads)}</tr>" * _GAINS
    caption = f"<caption>{said.label('gains')}</caption>"
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _line(label: str, content: str = "&nbsp;") -> str:
    return f'<tr><th scope="row">{label}</th><td>{content}</td></tr>'
