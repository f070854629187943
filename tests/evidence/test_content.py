"""What is taken as evidence and what is not: a table of honest, disguised and hostile files."""

import io
import zipfile

import pytest

from tests.evidence.samples import HEIC, MAIN, PDF, TYPES, compound, office, picture, with_flag, zipped
from webapp.evidence import refusals
from webapp.evidence.content import KINDS, check
from webapp.evidence.refusals import Refused

BIG = b"\x00" * (101 * 1024 * 1024)


@pytest.mark.parametrize(
    ("extension", "content"),
    [
        ("jpg", picture("JPEG")),
        ("jpeg", picture("JPEG")),
        ("png", picture("PNG")),
        ("webp", picture("WEBP")),
        ("gif", picture("GIF")),
        ("heic", HEIC),
        ("heif", HEIC),
        ("pdf", PDF),
        ("docx", office("docx")),
        ("xlsx", office("xlsx")),
        ("pptx", office("pptx")),
        ("doc", compound("WordDocument")),
        ("xls", compound("Workbook")),
        ("csv", "企业,台数\n某厂,3\n".encode()),
        ("csv", "企业,台数\n某厂,3\n".encode("gb18030")),
        ("txt", "\ufeff现场检查记录\r\n".encode()),
    ],
)
def test_honest_files_are_taken(extension: str, content: bytes) -> None:
    assert check(io.BytesIO(content), extension) == KINDS[extension][0]


@pytest.mark.parametrize(
    ("extension", "content", "reason"),
    [
        pytest.param("gif", b"GIF89a<script>alert(1)</script>", refusals.BROKEN, id="a page that begins like a gif"),
        pytest.param("gif", b"GIF89a/*\x01\x00" + b"*/=1;alert(1)//" * 9, refusals.BROKEN, id="gif and script at once"),
        pytest.param("jpg", picture("PNG"), refusals.OTHER_CONTENT, id="png called jpg"),
        pytest.param("png", b"<svg onload=alert(1)>", refusals.OTHER_CONTENT, id="svg called png"),
        pytest.param("jpg", picture("JPEG", (400, 300))[:400], refusals.BROKEN, id="half a photo"),
        pytest.param("png", picture("PNG", (8000, 6000)), refusals.TOO_MANY_PIXELS, id="48 million pixels in 100 kB"),
        pytest.param("pdf", b"MZ\x90\x00" + PDF, refusals.OTHER_CONTENT, id="program called pdf"),
        pytest.param("pdf", b"<html>%PDF-1.4 %%EOF", refusals.OTHER_CONTENT, id="page called pdf"),
        pytest.param("pdf", PDF[:-8] + b"x" * 3000, refusals.BROKEN, id="half a pdf"),
        pytest.param("heic", picture("JPEG"), refusals.OTHER_CONTENT, id="jpg called heic"),
        pytest.param("docx", PDF + office("docx"), refusals.OTHER_CONTENT, id="pdf and docx at once"),
        pytest.param("docx", office("xlsx"), refusals.OTHER_CONTENT, id="xlsx called docx"),
        pytest.param("xlsx", zipped({"a.txt": b"a"}), refusals.OTHER_CONTENT, id="any zip called xlsx"),
        pytest.param("xlsx", b"PK\x03\x04 not a zip", refusals.BROKEN, id="broken zip"),
        pytest.param("docx", office("docx", word__vbaProjectDOTbin=b"x"), refusals.MACROS, id="macros in a docx"),
        pytest.param(
            "xlsx",
            zipped({TYPES: b"application/vnd.ms-excel.sheet.macroEnabled.main+xml", MAIN["xlsx"]: b"<x/>"}),
            refusals.MACROS,
            id="xlsm called xlsx",
        ),
        pytest.param("xlsm", office("xlsx"), refusals.MACROS, id="xlsm"),
        pytest.param("docm", office("docx"), refusals.MACROS, id="docm"),
        pytest.param("docx", with_flag(office("docx")), refusals.ENCRYPTED, id="encrypted entries"),
        pytest.param("docx", compound("EncryptedPackage"), refusals.ENCRYPTED, id="docx with a password"),
        pytest.param("xls", compound("EncryptedPackage"), refusals.ENCRYPTED, id="xls with a password"),
        pytest.param("doc", compound("WordDocument", "_VBA_PROJECT"), refusals.MACROS, id="doc with macros"),
        pytest.param("doc", compound("Workbook"), refusals.OTHER_CONTENT, id="xls called doc"),
        pytest.param("xls", office("xlsx"), refusals.OTHER_CONTENT, id="xlsx called xls"),
        pytest.param("docx", compound("WordDocument"), refusals.OTHER_CONTENT, id="doc called docx"),
        pytest.param("xlsx", office("xlsx", xl__bigDOTxml=BIG), refusals.BOMB, id="zip bomb"),
        pytest.param("docx", office("docx", DOTDOT__evil=b"x"), refusals.BROKEN, id="entry that climbs out"),
        pytest.param("txt", b"<script>alert(1)</script>", refusals.OTHER_CONTENT, id="page called txt"),
        pytest.param("txt", b"#!/bin/sh\nrm -rf /", refusals.OTHER_CONTENT, id="script called txt"),
        pytest.param("csv", PDF, refusals.OTHER_CONTENT, id="pdf called csv"),
        pytest.param("csv", b"a,b\x00c", refusals.OTHER_CONTENT, id="zero bytes in a csv"),
        pytest.param("exe", b"MZ", refusals.NOT_TAKEN, id="program"),
        pytest.param("svg", b"<svg/>", refusals.NOT_TAKEN, id="svg"),
        pytest.param("html", b"<p>", refusals.NOT_TAKEN, id="page"),
        pytest.param("zip", zipped({"a": b"a"}), refusals.NOT_TAKEN, id="zip"),
        pytest.param("", b"words", refusals.NOT_TAKEN, id="no extension"),
    ],
)
def test_other_files_are_refused_with_a_reason(extension: str, content: bytes, reason: object) -> None:
    with pytest.raises(Refused) as caught:
        check(io.BytesIO(content), extension)
    assert str(caught.value.reason) == str(reason)


def test_a_zip_that_lies_about_its_size_is_refused() -> None:
    honest = office("xlsx", xl__sheetDOTxml=b"\x00" * 50_000)
    with zipfile.ZipFile(io.BytesIO(honest)) as archive:
        size = archive.getinfo("xl/sheet.xml").file_size.to_bytes(4, "little")
    lying = honest.replace(size, (100).to_bytes(4, "little"))
    with pytest.raises(Refused) as caught:
        check(io.BytesIO(lying), "xlsx")
    assert caught.value.reason is refusals.BROKEN


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_zip_with_two_parts_of_one_name_is_refused() -> None:
    out = io.BytesIO(office("docx"))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(MAIN["docx"], b"<other/>")
    with pytest.raises(Refused):
        check(out, "docx")
