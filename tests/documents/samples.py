"""Documents to try the faces on: a bulletin of 28 cities in both languages, and one that is hostile everywhere."""

from dataclasses import replace
from datetime import date
from typing import Any, Literal

from webapp.documents.model import (
    Bar,
    Bars,
    Block,
    Cell,
    Column,
    Document,
    Heading,
    Items,
    Paragraph,
    Part,
    Row,
    Table,
    Tone,
)

CITIES = {
    "北京市": "Beijing", "天津市": "Tianjin", "石家庄市": "Shijiazhuang", "唐山市": "Tangshan", "廊坊市": "Langfang",
    "保定市": "Baoding", "沧州市": "Cangzhou", "衡水市": "Hengshui", "邢台市": "Xingtai", "邯郸市": "Handan",
    "太原市": "Taiyuan", "阳泉市": "Yangquan", "长治市": "Changzhi", "晋城市": "Jincheng", "济南市": "Jinan",
    "淄博市": "Zibo", "济宁市": "Jining", "德州市": "Dezhou", "聊城市": "Liaocheng", "滨州市": "Binzhou",
    "菏泽市": "Heze", "郑州市": "Zhengzhou", "开封市": "Kaifeng", "安阳市": "Anyang", "鹤壁市": "Hebi",
    "新乡市": "Xinxiang", "焦作市": "Jiaozuo", "濮阳市": "Puyang",
}  # fmt: skip
LIGHTS: tuple[tuple[str, str, Tone], ...] = (
    ("正常", "On pace", "green"), ("滞后", "Behind", "yellow"), ("逾期", "Overdue", "red"),
    ("未开始", "Not started", "grey"),
)  # fmt: skip
HEADS = {
    "城市": "City", "任务数": "Tasks", "办结": "Done", "正常": "On pace", "滞后": "Behind", "逾期": "Overdue",
    "未开始": "Not started", "完成率": "Completion", "核实率": "Verified", "报送": "Report",
    "最差": "Worst", "备注": "Note",
}  # fmt: skip
HOSTILE = (
    "#*_$<>@\\[]` = 标题 \"引号\" 'q' //c /* */ ~ -- --- … "
    "<script>alert(1)</script> &amp; ]]> {{ x }} =cmd|' /C calc'!A0"
)
CONTROLS = "a\x00b\x08c\x0bd\x1fe\ufffef\ud800g\r\nh\ti"


WORDS = {
    "zh": {
        "title": "京津冀及周边地区大气污染防治工作2017年9月调度通报",
        "issuer": "京津冀及周边地区大气污染防治领导小组办公室",
        "number": "〔2017〕第8期",
        "to": "各省（市）人民政府，各有关单位",
        "text": "截至9月底，28个城市共报送进展1,234条，完成率62.5%，比上月提高3.1个百分点。",
        "lead": "报送情况。",
        "first": "一、总体情况",
        "within": "（一）分省市",
        "second": "二、各城市",
        "items": ("请滞后城市于10月底前赶上进度。", "请未报送单位尽快补报。"),
        "chart": "图1 各省市任务进展",
        "places": ("北京", "天津", "河北", "山西", "山东", "河南"),
        "parts": ("办结", "正常", "滞后", "逾期"),
        "table": "表1 各城市进展",
        "note": "注：任务数不含不涉及的。",
        "sheet": "城市",
        "on time": "按时",
        "missing": ("表2 未报送单位", "单位", "原因", "无"),
        "source": "本通报由各单位已审核的报告生成。",
        "draft": "草稿",
    },
    "en": {
        "title": "Monthly bulletin on clean air in Beijing, Tianjin, Hebei and around, September 2017",
        "issuer": "Regional Office for Clean Air",
        "number": "No. 8 of 2017",
        "to": "Provincial governments and all organisations concerned",
        "text": "By the end of September the 28 cities had reported on 1,234 items; 62.5% of the work was done. ",
        "lead": "Reports.",
        "first": "1. Summary",
        "within": "1.1 By province",
        "second": "2. Cities",
        "items": ("Cities behind pace catch up by the end of October.", "Missing reports are filed at once."),
        "chart": "Figure 1. Tasks by province",
        "places": ("Beijing", "Tianjin", "Hebei", "Shanxi", "Shandong", "Henan"),
        "parts": ("Done", "On pace", "Behind", "Overdue"),
        "table": "Table 1. Progress by city",
        "note": "Tasks that do not apply are not counted.",
        "sheet": "Cities",
        "on time": "On time",
        "missing": ("Table 2. Missing reports", "Organisation", "Reason", "None"),
        "source": "Made from accepted reports.",
        "draft": "Draft",
    },
}
TONES: tuple[Tone, ...] = ("green", "green", "yellow", "red")
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def number(value: int) -> Cell:
    """A figure."""
    return Cell(f"{value:,}", value)


def city_table(language: str, rows: int = 28) -> Table:
    """A table of 12 columns."""
    say: Any = WORDS[language]
    heads = HEADS if language == "zh" else HEADS.values()
    names = list(CITIES if language == "zh" else CITIES.values())
    columns = [Column(head, "start" if at in {0, 9, 10, 11} else "end") for at, head in enumerate(heads)]
    made = tuple(city_row(names[at % 28], at, language) for at in range(rows))
    return Table(say["table"], tuple(columns), made, note=say["note"], sheet=say["sheet"])


def city_row(name: str, at: int, language: str) -> Row:
    """One city; the first of each ten stands for a group."""
    chinese, english, tone = LIGHTS[at % 4]
    share = (at * 37 % 100) / 100
    figures = [number(value) for value in (80 + at, at * 3, at * 1234, at % 5, at % 3, at % 7)]
    shares = [Cell(f"{part * 100:.1f}%", part, share=True) for part in (share, share / 2)]
    on_time = Cell(str(WORDS[language]["on time"]))
    light = Cell(chinese if language == "zh" else english, tone=tone)
    cells = (Cell(name), *figures, *shares, on_time, light, Cell(""))
    return Row(cells, strong=at % 10 == 0, indent=at % 10 != 0)


def bars(language: str) -> Bars:
    """Bars of six provinces; the parts of the first one are 2, 4, 6 and 8."""
    say: Any = WORDS[language]
    made = []
    for at, name in enumerate(say["places"], start=2):
        parts = [
            Part(word, at * step, tone) for step, (word, tone) in enumerate(zip(say["parts"], TONES, strict=True), 1)
        ]
        made.append(Bar(name, tuple(parts), str(at * 10)))
    return Bars(say["chart"], tuple(made))


def bulletin(language: Literal["zh", "en"] = "zh", rows: int = 28) -> Document:
    """A bulletin as it is published."""
    say: Any = WORDS[language]
    caption, first, second, empty = say["missing"]
    blocks: tuple[Block, ...] = (
        Heading(say["first"]),
        Paragraph(say["text"] * 4),
        Paragraph(say["text"], lead=say["lead"]),
        Items(say["items"]),
        Heading(say["within"], 2),
        bars(language),
        Heading(say["second"]),
        city_table(language, rows),
        Table(caption, (Column(first), Column(second)), (), empty=empty),
    )
    notes = (say["source"], DIGEST)
    return Document(
        language, say["title"], say["issuer"], date(2017, 10, 12), blocks, say["number"], say["to"], notes=notes
    )


def hostile(text: str = HOSTILE) -> Document:
    """One text in every place that takes one."""
    table = Table(
        text, (Column(text), Column(text, "end")), (Row((Cell(text, tone="red"), Cell(text))),), text, text, text
    )
    chart = Bars(text, (Bar(text, (Part(text, 3, "red"),), text),))
    blocks = (Heading(text), Heading(text, 2), Paragraph(text, text), Items((text,)), table, chart)
    return Document("zh", text, text, date(2017, 10, 12), blocks, text, text, text, (text,))


def draft(language: Literal["zh", "en"] = "zh") -> Document:
    """A bulletin that is not published yet, set wide."""
    return replace(bulletin(language, 60), draft=str(WORDS[language]["draft"]), landscape=True)
