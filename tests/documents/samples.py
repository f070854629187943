"""Documents to try the faces on: a bulletin of 28 cities in both languages, and one that is hostile everywhere."""

from dataclasses import replace
from datetime import date
from typing import Literal

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
    ("正常", "On pace", "green"), ("滞后", "Behind", "yellow"), ("逾期", "Overdue", "red"), ("未开始", "Not started", "grey"),
)  # fmt: skip
HEADS = {
    "城市": "City", "任务数": "Tasks", "办结": "Done", "正常": "On pace", "滞后": "Behind", "逾期": "Overdue",
    "未开始": "Not started", "完成率": "Completion", "核实率": "Verified", "报送": "Report", "最差": "Worst", "备注": "Note",
}  # fmt: skip
HOSTILE = "#*_$<>@\\[]` = 标题 \"引号\" 'q' //c /* */ ~ -- --- … <script>alert(1)</script> &amp; ]]> {{ x }} =cmd|' /C calc'!A0"
CONTROLS = "a\x00b\x08c\x0bd\x1fe\ufffef\ud800g\r\nh\ti"


def number(value: int) -> Cell:
    """A figure."""
    return Cell(f"{value:,}", value)


def city_table(language: str, rows: int = 28) -> Table:
    """A table of 12 columns."""
    zh = language == "zh"
    heads = HEADS if zh else HEADS.values()
    columns = [
        Column(head, "start" if at in {0, 10, 11} else "end", 1.6 if at in {0, 10} else 1)
        for at, head in enumerate(heads)
    ]
    names = list(CITIES if zh else CITIES.values())
    return Table(
        "表1 各城市进展" if zh else "Table 1. Progress by city",
        tuple(columns),
        tuple(city_row(names[at % 28], at, zh=zh) for at in range(rows)),
        note="注：任务数不含不涉及的。" if zh else "Tasks that do not apply are not counted.",
        sheet="城市" if zh else "Cities",
    )


def city_row(name: str, at: int, *, zh: bool) -> Row:
    """One city; the first of each ten stands for a group."""
    light = LIGHTS[at % 4]
    share = (at * 37 % 100) / 100
    shares = [Cell(f"{part * 100:.1f}%", part, share=True) for part in (share, share / 2)]
    return Row(
        (
            Cell(name), number(80 + at), number(at * 3), number(at * 1234), number(at % 5), number(at % 3), number(at % 7),
            *shares, Cell("按时" if zh else "On time"), Cell(light[0 if zh else 1], tone=light[2]), Cell(""),
        ),
        strong=at % 10 == 0,
        indent=at % 10 != 0,
    )  # fmt: skip


def bars(language: str) -> Bars:
    """Bars of six provinces."""
    zh = language == "zh"
    names = (
        ("北京", "天津", "河北", "山西", "山东", "河南")
        if zh
        else ("Beijing", "Tianjin", "Hebei", "Shanxi", "Shandong", "Henan")
    )
    words = ("办结", "正常", "滞后", "逾期") if zh else ("Done", "On pace", "Behind", "Overdue")
    tones: tuple[Tone, ...] = ("green", "green", "yellow", "red")
    made = [
        Bar(
            name,
            tuple(
                Part(word, (at + 2) * step, tone) for step, (word, tone) in enumerate(zip(words, tones, strict=True), 1)
            ),
            f"{(at + 2) * 10}",
        )
        for at, name in enumerate(names)
    ]
    return Bars("图1 各省市任务进展" if zh else "Figure 1. Tasks by province", tuple(made))


def bulletin(language: Literal["zh", "en"] = "zh", rows: int = 28) -> Document:
    """A bulletin as it is published."""
    zh = language == "zh"
    text = (
        "截至9月底，28个城市共报送进展1,234条，完成率62.5%，比上月提高3.1个百分点。"
        if zh
        else "By the end of September the 28 cities had reported on 1,234 items; 62.5% of the work was done. "
    )
    empty = Table(
        "表2 未报送单位" if zh else "Table 2. Missing reports",
        (Column("单位" if zh else "Organisation"), Column("原因" if zh else "Reason")),
        (),
        empty="无" if zh else "None",
    )
    blocks: tuple[Block, ...] = (
        Heading("一、总体情况" if zh else "1. Summary"),
        Paragraph(text * 4),
        Paragraph(text, lead="报送情况。" if zh else "Reports."),
        Items(
            ("请滞后城市于10月底前赶上进度。", "请未报送单位尽快补报。")
            if zh
            else ("Cities behind pace catch up by the end of October.", "Missing reports are filed at once.")
        ),
        Heading("（一）分省市" if zh else "1.1 By province", 2),
        bars(language),
        Heading("二、各城市" if zh else "2. Cities"),
        city_table(language, rows),
        empty,
    )
    return Document(
        language,
        "京津冀及周边地区大气污染防治工作2017年9月调度通报" if zh else "Monthly bulletin on clean air in Beijing, Tianjin, Hebei and around, September 2017",
        "京津冀及周边地区大气污染防治领导小组办公室" if zh else "Regional Office for Clean Air",
        date(2017, 10, 12),
        blocks,
        number="〔2017〕第8期" if zh else "No. 8 of 2017",
        to="各省（市）人民政府，各有关单位" if zh else "Provincial governments and all organisations concerned",
        notes=(
            "本通报由各单位已审核的报告生成。" if zh else "Made from accepted reports.",
            "校验码 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" * 2,
        ),
    )  # fmt: skip


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
    return replace(bulletin(language, 60), draft="草稿" if language == "zh" else "Draft", landscape=True)
