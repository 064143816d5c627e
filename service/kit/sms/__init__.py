"""Texts as phones send them: the GSM alphabet, splitting into parts, joining them again (3GPP TS 23.038 and 23.040)."""

from service.kit.sms.alphabet import NotGsm as NotGsm
from service.kit.sms.alphabet import decode_gsm as decode_gsm
from service.kit.sms.alphabet import encode_gsm as encode_gsm
from service.kit.sms.alphabet import foreign as foreign
from service.kit.sms.folding import fold as fold
from service.kit.sms.joining import BadHeader as BadHeader
from service.kit.sms.joining import Concatenation as Concatenation
from service.kit.sms.joining import HeaderFault as HeaderFault
from service.kit.sms.joining import join as join
from service.kit.sms.joining import read_header as read_header
from service.kit.sms.splitting import Encoding as Encoding
from service.kit.sms.splitting import Split as Split
from service.kit.sms.splitting import split as split
