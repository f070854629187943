"""Evidence drawn for the story: a placard in front of a chimney as a JPEG, a page of acceptance as a PDF.

Nothing is a photograph and no font is needed: the placard's Latin text is drawn with Pillow's own.
"""

from io import BytesIO
from random import Random
from typing import BinaryIO

from PIL import Image, ImageDraw, ImageFont

from seed.story.cities import draw

SYSTEM_INFO = "/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >>"
METRICS = "/FontBBox [-25 -254 1000 880] /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93"
RESOURCES = "<< /Font << /F1 5 0 R >> >>"
SIZE = (800, 600)
SKY, GROUND, BRICK, JOINT = (203, 217, 226), (146, 139, 124), (157, 88, 70), (122, 66, 54)
SKIES = (SKY, (176, 196, 214), (222, 222, 218), (198, 188, 176), (158, 176, 190))
GROUNDS = (GROUND, (122, 112, 96), (104, 116, 92), (168, 158, 140))
BOARD, INK, SEAL = (244, 243, 236), (34, 48, 60), (178, 44, 38)


class Paper:
    """A file as a form would send it."""

    def __init__(self, filename: str, content: bytes) -> None:
        self._filename, self._content = filename, content

    @property
    def filename(self) -> str:
        """Its name on the officer's machine."""
        return self._filename

    @property
    def stream(self) -> BinaryIO:
        """Its bytes."""
        return BytesIO(self._content)


def paper(name: str) -> Paper:
    """The file a script's line such as "placard:130600:5" means; always the same bytes."""
    kind, _, rest = name.partition(":")
    if kind == "placard":
        return Paper(f"锅炉拆除现场_{rest.replace(':', '_')}.jpg", placard(rest))
    if kind == "boiler-house":
        return Paper(f"拆除后_{rest}.jpg", boiler_house(rest))
    return Paper(f"验收意见_{rest}.pdf", acceptance(rest))


def placard(code: str) -> bytes:
    """A torn-down boiler house with its number board."""
    chance = draw("placard", code)
    picture = Image.new("RGB", SIZE, SKY)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 430, *SIZE), fill=GROUND)
    _wall(pen, chance)
    _chimney(pen, chance.randint(540, 640))
    _board(pen, code, chance)
    content = BytesIO()
    picture.save(content, "JPEG", quality=72)
    return content.getvalue()


def boiler_house(number: str) -> bytes:
    """A boiler house in another light and from another side each time, its chimney crossed out."""
    chance = draw("boiler house", number)
    ground = chance.randint(330, 480)
    picture = Image.new("RGB", SIZE, chance.choice(SKIES))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, ground, *SIZE), fill=chance.choice(GROUNDS))
    left, width = chance.randint(20, 380), chance.randint(180, 400)
    pen.rectangle(
        (left, ground - chance.randint(120, 280), left + width, ground + 30), fill=BRICK, outline=JOINT, width=4
    )
    for place in range(chance.randint(1, width // 80)):
        pen.rectangle((left + 30 + place * 70, ground - 80, left + 74 + place * 70, ground - 30), fill=INK)
    _chimney(pen, (left + width + chance.randint(10, 90)) % 680)
    content = BytesIO()
    picture.save(content, "JPEG", quality=72)
    return content.getvalue()


def _wall(pen: ImageDraw.ImageDraw, chance: Random) -> None:
    for row in range(12):
        width = 300 + chance.randint(-40, 40) - row * 9
        for column in range(width // 44):
            left = 60 + column * 44 + (row % 2) * 22
            top = 412 - row * 18
            pen.rectangle((left, top, left + 41, top + 15), fill=BRICK, outline=JOINT)


def _chimney(pen: ImageDraw.ImageDraw, left: int) -> None:
    pen.polygon(((left, 430), (left + 16, 120), (left + 62, 120), (left + 78, 430)), fill=BRICK)
    for top in range(140, 430, 24):
        pen.line((left + 4, top, left + 74, top), fill=JOINT, width=2)
    pen.line((left - 26, 96, left + 104, 430), fill=SEAL, width=12)
    pen.line((left + 104, 96, left - 26, 430), fill=SEAL, width=12)


def _board(pen: ImageDraw.ImageDraw, code: str, chance: Random) -> None:
    pen.rectangle((250, 360, 520, 560), fill=BOARD, outline=INK, width=5)
    place, _, month = code.partition(":")
    lines = (f"NO. {place}-{chance.randint(1, 480):04d}", f"{chance.choice((1, 2, 4, 6, 10))} t/h  COAL BOILER",
             f"REMOVED 2017-{int(month or 1):02d}")  # fmt: skip
    for number, text in enumerate(lines):
        pen.text((272, 384 + number * 54), text, fill=SEAL if number == len(lines) - 1 else INK,
                 font=ImageFont.load_default(26))  # fmt: skip


def acceptance(code: str) -> bytes:
    """A page in Chinese: its font is one every PDF reader brings along."""
    number = draw("acceptance", code).randint(1000, 9999)
    lines = (
        "验 收 意 见",
        f"编号：2017-{code}-{number}",
        "经现场检查和资料核对，所报任务已完成，",
        "同意通过市级验收。",
        "（演示材料，内容为虚构）",
    )
    text = "\n".join(
        f"1 0 0 1 90 {720 - row * 34} Tm <{line.encode('utf-16-be').hex()}> Tj" for row, line in enumerate(lines)
    )
    return _pdf(f"BT /F1 18 Tf\n{text}\nET")


def _pdf(page: str) -> bytes:
    objects = (
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources {RESOURCES} >>",
        f"<< /Length {len(page)} >>\nstream\n{page}\nendstream",
        "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [6 0 R] >>",
        f"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /FontDescriptor 7 0 R {SYSTEM_INFO} >>",
        f"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 {METRICS} >>",
    )
    body, places = "%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(objects) + 1
    trailer = f"trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return f"{body}xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}".encode("ascii")
