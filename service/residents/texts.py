"""The words of texts that try a number: neutral, as somebody else may hold the phone (R22)."""

from service.i18n.model import Message

CODE = Message(
    id="sms.code",
    english="Code: {code}. It is good for 15 minutes. If you did not ask for a code, you need do nothing.",
    note="Sent to a number that somebody named. Says nothing of what it is for, who asked, or what the phone's owner "
    "has or does. {code} is six digits. No link, no name.",
    sms=True,
)

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
