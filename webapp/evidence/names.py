"""Names of uploaded files: kept as people wrote them, without what could mislead a person or a program."""

import re
import unicodedata

LONGEST = 80
# Not allowed in a name on Windows, where these files are opened.
FORBIDDEN = re.compile(r'[<>:"|?*]')
# Control characters, invisible ones (bidirectional overrides among them), halves of pairs, private use, unassigned.
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def clean_name(name: str) -> str:
    """A file's name without folders, control characters and overlength; Chinese stays. "file" when nothing is left."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    visible = "".join(letter for letter in last if unicodedata.category(letter) not in INVISIBLE)
    plain = re.sub(r"\s+", " ", FORBIDDEN.sub("_", visible)).strip(" .")
    stem, dot, extension = plain.rpartition(".")
    if not dot:
        return plain[:LONGEST] or "file"
    extension = extension.strip().lower()[:10]
    return f"{stem[: LONGEST - len(extension) - 1].strip(' .') or 'file'}.{extension}"


def extension_of(name: str) -> str:
    """The last part of a cleaned name, in small letters: "jpg"; "" when it has none."""
    return name.rpartition(".")[2] if "." in name else ""
