"""Names of uploaded files."""

import pytest

from webapp.evidence.names import LONGEST, clean_name, extension_of


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("锅炉拆除现场（3号）.JPG", "锅炉拆除现场（3号）.jpg"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\system.ini", "system.ini"),
        ("C:\\Users\\li\\照片.png", "照片.png"),
        ("/etc/cron.d/x.txt", "x.txt"),
        ("....", "file"),
        ("", "file"),
        (".htaccess", "htaccess"),
        ("..jpg", "jpg"),
        ("a\x00b\r\nc.pdf", "abc.pdf"),
        ("报告\u202egpj.exe", "报告gpj.exe"),
        ("零宽\u200b\ufeff字.docx", "零宽字.docx"),
        ('a<b>:"|?*.csv', "a_b______.csv"),
        ("  两  个   空格 .xlsx ", "两 个 空格.xlsx"),
        ("e\u0301te\u0301.txt", "\u00e9t\u00e9.txt"),
        ("a\ud800.txt", "a.txt"),
    ],
)
def test_clean_name(given: str, kept: str) -> None:
    assert clean_name(given) == kept


def test_long_names_keep_their_extension_and_fit_a_file_system() -> None:
    kept = clean_name("长" * 300 + ".jpeg")
    assert kept.endswith("长.jpeg")
    assert len(kept) == LONGEST
    assert len(kept.encode()) <= 255
    assert len(clean_name("x." + "y" * 300)) <= LONGEST


def test_extension_of() -> None:
    assert extension_of("a.b.pdf") == "pdf"
    assert extension_of("passwd") == ""
