"""What a photograph looks like, in 16 signs: two that differ in a few bits are one picture, saved anew or smaller."""

from PIL import Image

from webapp.evidence.content import PICTURE_ERRORS
from webapp.evidence.store import EvidenceStore

SIDE = 8
# Bits that may differ between two copies of one picture.
NEAR = 6
KINDS = frozenset({"image/jpeg", "image/png", "image/webp"})


def likeness(store: EvidenceStore, sha256: str, media_type: str) -> str:
    """The likeness of a stored file; empty for what is no photograph, or a plain surface that tells nothing."""
    if media_type not in KINDS:
        return ""
    try:
        with store.open(sha256) as stream, Image.open(stream) as picture:
            picture.draft("L", (SIDE * 16, SIDE * 16))
            small = picture.convert("L").resize((SIDE + 1, SIDE), Image.Resampling.LANCZOS)
    except (*PICTURE_ERRORS, Image.DecompressionBombError):
        return ""
    return _gradient(list(small.tobytes()))


def _gradient(grey: list[int]) -> str:
    """Whether each place is darker than the one to its right, as hexadecimal."""
    width = SIDE + 1
    bits = [grey[y * width + x] < grey[y * width + x + 1] for y in range(SIDE) for x in range(SIDE)]
    number = sum(bit << place for place, bit in enumerate(bits))
    return f"{number:016x}" if SIDE < sum(bits) < len(bits) - SIDE or max(grey) - min(grey) > 32 else ""


def near(one: str, other: str) -> bool:
    """Whether two likenesses are of the same picture."""
    return bool(one and other) and (int(one, 16) ^ int(other, 16)).bit_count() <= NEAR
