"""The words of texts that try a number: neutral, as somebody else may hold the phone (R22)."""

from service.i18n.model import Message

CODE = "guidance.sms.code"
"""The text of guidance that brings a code."""

STILL_BY_TEXT = Message(
    id="sms.still-in-use-by-text",
    english="Texts about dangerous areas go on only to numbers that are in use. To go on receiving them, send any word "
    "to {number}.",
    note="After half a year in which nothing was heard of a number. The same for everybody: nothing about the person. "
    "{number} is a phone number or short code. Never invite to answer STOP.",
    sms=True,
)

STILL_BY_APP = Message(
    id="sms.still-in-use-by-app",
    english="Texts about dangerous areas go on only to numbers that are in use. To go on receiving them, open the app, "
    "or give this number again on the page where it was given.",
    note="As the text before it, where nobody can write to this service by text. No link.",
    sms=True,
)
