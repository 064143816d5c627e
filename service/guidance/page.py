"""The page behind the square code of a printed sheet: whether its wording still stands. No scripts, one language."""

from collections.abc import Sequence
from html import escape

from service.guidance import words
from service.guidance.editions import Edition
from service.guidance.recalls import Standing, Verdict
from service.i18n.catalogues import Catalogues
from service.i18n.model import Message, Rendered

_FORM = """<!doctype html>
<html lang="{language}" dir="{direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<title>{title}</title>
<style>body{{font:1.2em/1.5 sans-serif;max-width:36em;margin:1em auto;padding:0 1em}}</style>
</head>
<body>
<h1>{title}</h1>
{body}
</body>
</html>
"""
_SAYS = {
    Standing.CURRENT: words.STANDS,
    Standing.REPLACED: words.REPLACED,
    Standing.UNKNOWN: words.UNKNOWN,
}


def written(
    verdict: Verdict, edition: Edition, catalogues: Catalogues, now_says: Sequence[str], notes: Sequence[Rendered] = ()
) -> str:
    """Return the page in the edition's language; `now_says` is the wording that holds now.

    `notes` say that it is another language than the reader asked for: the last of them in that one.
    """

    def say(message: Message) -> str:
        return catalogues.render(message, edition.language)

    lines = [f'<p lang="{one.language}" dir="{one.direction}">{escape(one.texts[0])}</p>' for one in notes]
    lines += [f"<p><strong>{escape(line)}</strong></p>" for line in _verdict(verdict, edition, catalogues)]
    if now_says and verdict.standing in {Standing.REPLACED, Standing.WITHDRAWN}:
        lines += [
            f"<p>{escape(say(words.NOW_SAYS))}</p>",
            *(f"<blockquote>{escape(one)}</blockquote>" for one in now_says),
        ]
    lines += [f"<p>{escape(text)}</p>" for text in (edition.call, edition.caveat, edition.notices.get("draft")) if text]
    return _FORM.format(
        language=edition.language,
        direction=edition.direction,
        title=escape(say(words.PAGE_TITLE)),
        body="\n".join(lines),
    )


def _verdict(verdict: Verdict, edition: Edition, catalogues: Catalogues) -> list[str]:
    if verdict.recall is None:
        return [catalogues.render(_SAYS[verdict.standing], edition.language)]
    said = [catalogues.render(words.WITHDRAWN, edition.language, date=verdict.recall.since)]
    reason = words.REASONS[verdict.recall.reason]
    if edition.language in catalogues.having([reason]):
        said.append(catalogues.render(reason, edition.language))
    return said
