"""Encodings of text that a page may be written in; the library knows others that are none."""

import codecs
import re

# Decoders such as "punycode" take minutes for what "utf-8" reads at once.
_OF_TEXT = re.compile(
    r"ascii|utf-(8|16|32)(-sig|-le|-be)?|(iso8859|koi8|mac)-\w+|cp\d+"
    r"|gb(k|2312|18030)|big5(hkscs)?|shift_jis\w*|euc_\w+|tis-620"
)


def text_charset(name: str | None, otherwise: str = "utf-8") -> str:
    """Return the library's name of the encoding *name*, or *otherwise* for one not taken."""
    try:
        known = codecs.lookup(name or otherwise).name
    except (LookupError, ValueError):  # a made-up name, or one that is no name at all
        return otherwise
    return known if _OF_TEXT.fullmatch(known) else otherwise
