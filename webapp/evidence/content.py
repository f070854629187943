"""Checking what a file really is. A name's ending is a claim; the content has to bear it out.

`check` gives the media type a file is served with, or raises `Refused` with the reason in the words of the person who
uploads. Streams are read from the start and left anywhere.
"""

import struct
from collections.abc import Callable
from typing import BinaryIO

import filetype
from PIL import Image, UnidentifiedImageError

from webapp.evidence import office
from webapp.evidence.refusals import BROKEN, MACROS, NOT_TAKEN, OTHER_CONTENT, TOO_MANY_PIXELS, Refused

HEAD = 8192
# A decoded picture takes three or four bytes a pixel; a JPEG is decoded at an eighth of its size only.
PIXELS = 40_000_000
JPEG_PIXELS = 80_000_000
PICTURE_ERRORS = (
    UnidentifiedImageError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    struct.error,
)
MARKUP = (b"<", b"#!", b"\xef\xbb\xbf<")


def check(stream: BinaryIO, extension: str) -> str:
    """The media type of a file whose name ends with `extension`. Raises Refused."""
    if extension not in KINDS:
        raise Refused(MACROS if extension in office.MACRO_EXTENSIONS else NOT_TAKEN)
    media_type, examine = KINDS[extension]
    stream.seek(0)
    head = stream.read(HEAD)
    examine(stream, head, extension)
    return media_type


def _picture(stream: BinaryIO, head: bytes, extension: str) -> None:
    wanted = "JPEG" if extension in ("jpg", "jpeg") else extension.upper()
    if _guess(head) != KINDS[extension][0]:
        raise Refused(OTHER_CONTENT)
    stream.seek(0)
    try:
        with Image.open(stream, formats=[wanted]) as picture:
            _decode(picture, JPEG_PIXELS if wanted == "JPEG" else PIXELS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused(TOO_MANY_PIXELS) from None
    except PICTURE_ERRORS:
        raise Refused(BROKEN) from None


def _decode(picture: Image.Image, limit: int) -> None:
    """Decode the (first) picture: only that tells a picture from a page that begins like one."""
    if picture.width * picture.height > limit:
        raise Refused(TOO_MANY_PIXELS)
    picture.draft("L", (picture.width // 8 or 1, picture.height // 8 or 1))
    picture.load()


def _phone_picture(_stream: BinaryIO, head: bytes, _extension: str) -> None:
    """HEIC has no decoder here: its container's brand is all that is looked at."""
    if _guess(head) != "image/heic":
        raise Refused(OTHER_CONTENT)


def _pdf(stream: BinaryIO, head: bytes, _extension: str) -> None:
    if not head.startswith(b"%PDF-"):
        raise Refused(OTHER_CONTENT)
    size = stream.seek(0, 2)
    stream.seek(max(0, size - 2048))
    if b"%%EOF" not in stream.read():
        raise Refused(BROKEN)


def _text(stream: BinaryIO, head: bytes, _extension: str) -> None:
    if _guess(head) is not None or head.lstrip().startswith(MARKUP):
        raise Refused(OTHER_CONTENT)
    stream.seek(0)
    words = _decoded(stream.read())
    if words is None or any(ord(letter) < 32 and letter not in "\t\r\n\f" for letter in words):
        raise Refused(OTHER_CONTENT)


def _decoded(raw: bytes) -> str | None:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _guess(head: bytes) -> str | None:
    kind = filetype.guess(head)
    return None if kind is None else str(kind.mime)


Examine = Callable[[BinaryIO, bytes, str], None]
OPEN_XML = "application/vnd.openxmlformats-officedocument."
KINDS: dict[str, tuple[str, Examine]] = {
    "jpg": ("image/jpeg", _picture),
    "jpeg": ("image/jpeg", _picture),
    "png": ("image/png", _picture),
    "webp": ("image/webp", _picture),
    "gif": ("image/gif", _picture),
    "heic": ("image/heic", _phone_picture),
    "heif": ("image/heic", _phone_picture),
    "pdf": ("application/pdf", _pdf),
    "docx": (OPEN_XML + "wordprocessingml.document", office.check_zipped),
    "xlsx": (OPEN_XML + "spreadsheetml.sheet", office.check_zipped),
    "pptx": (OPEN_XML + "presentationml.presentation", office.check_zipped),
    "doc": ("application/msword", office.check_compound),
    "xls": ("application/vnd.ms-excel", office.check_compound),
    "csv": ("text/csv", _text),
    "txt": ("text/plain", _text),
}
