"""What the officers of the demo write: notes, next steps, problems and reasons, in the tone of such reports.

Own sentences all of them. Which one is taken depends on the place, the task and the day alone.
"""

from random import Random

from seed.story.figures import THINGS, Figure, Item

# From whom the demo's mails come.
SENDER = "蓝天 <lantian@demo.lantian.example>"

COUNTED = (
    "累计完成{done}{word}{thing}，占任务总数{total}{word}的{share}。",
    "截至目前，{thing}已完成{done}{word}，剩余{left}{word}全部落实到责任人和完成时间。",
    "本期继续推进，{thing}累计完成{done}{word}，完成率{share}。",
    "经县区上报、市级抽查，{thing}确认完成{done}{word}，总数{total}{word}。",
)
HOUSEHOLDS = (
    "累计完成气代煤、电代煤改造{done}户，年度计划{total}户，完成{share}。",
    "入户安装和管网配套同步推进，累计完成改造{done}户，计划{total}户。",
    "经县区核对台账，累计改造{done}户，其余{left}户正在入户施工。",
)
DEVICES = ("已完成{done}套设备的招标和安装。", "累计安装调试{done}套，其余点位正在做基础施工。")
SHARES = (
    "总体完成约{share}，按计划推进。",
    "按照市里统一部署推进，目前完成{share}左右。",
    "完成情况折算为{share}，已逐项核对。",
)
MILESTONES = (
    "前期工作基本完成，正在组织实施。",
    "已印发实施方案，明确牵头部门和完成时间。",
    "各项工作按节点推进，目前没有影响按期完成的问题。",
    "已召开专题调度会，对剩余工作逐项倒排工期。",
)
STANDING = (
    "已纳入日常监管，按月检查并建立台账。",
    "制定了工作方案，明确责任分工，持续推进。",
    "组织开展专项检查，发现的问题均已交办整改。",
    "本季度开展联合检查，问题清单已移交县区限期整改。",
    "相关部门已建立联席会议制度，定期会商推进。",
    "已将此项工作列入对县区的月度考核。",
)
BY_CLAUSE = {
    "measure-2": ("取缔企业均做到断水断电、清除原料产品和设备。", "对已取缔点位开展夜间巡查，防止反弹。"),
    "measure-3": ("同步做好散煤回收和安全用气用电宣传。", "通气通电后逐户验收，填写确认单。"),
    "measure-4": ("拆除锅炉均拍照留存并由县区签字确认。", "替代热源以集中供热和天然气为主，供暖前完成调试。"),
    "measure-6": ("已对企业开展执法监测，结果全部公开。", "对超标单位依法立案并责令限期改正。"),
    "measure-7": ("已组织企业填报申请材料，分批审核。", "对材料不全的企业安排专人上门指导。"),
    "measure-8": ("治理设施完成后由第三方检测确认。", "重点园区实行一企一策。"),
    "measure-9": ("已逐家核定负荷并报市政府备案。", "停产机组已办理调度手续。"),
    "measure-13": ("点位已与公安交管部门共同确认。", "设备数据已接入市级平台试运行。"),
    "measure-15": ("已组织商务、质监部门开展联合抽检。", "对不合格站点依法处理并复查。"),
    "measure-16": ("对未达标工地责令停工整改。", "数据已接入主管部门平台，实现在线查看。"),
    "measure-18": ("仪器比对合格，数据有效率满足要求。", "站房供电和网络条件已具备。"),
    "measure-19": ("减排清单已与企业逐一核对签字。", "预案已征求县区和重点企业意见。"),
}
NEXT_STEPS = (
    "下一步重点抓好剩余任务，每周调度一次。",
    "继续推进剩余点位，月底前再完成一批。",
    "组织县区交叉检查，确保数据真实。",
    "对进度靠后的县区进行约谈。",
    "加快办理资金拨付，保障施工进度。",
    "做好验收资料整理，准备申请销号。",
    "协调电力、燃气部门加快配套工程。",
    "开展回头看，巩固已完成的成果。",
)
PROBLEMS = {
    "": ("个别县区进度偏慢，需进一步督促。", "配套资金尚未全部到位。", "部分企业资料不齐，影响审核进度。"),
    "measure-3": ("部分村庄燃气管网尚未贯通，入户安装受影响。", "设备供货紧张，安装队伍不足。"),
    "measure-4": ("部分单位替代热源管网尚在施工，停炉时间需衔接。", "少数商户对拆改补贴标准有异议。"),
    "measure-2": ("个别点位夜间偷开，需加强巡查。", "部分租赁场地产权不清，清理难度较大。"),
    "measure-7": ("部分企业历史环评手续不全，需先行整改。",),
    "measure-8": ("小型企业治理资金压力大，签约进度慢。",),
    "measure-15": ("个别站点改造需停业，错开用油高峰安排。",),
    "measure-16": ("新开工工地较多，设备安装有滞后。",),
}
NO_CHANGE = (
    "本期无新增进展，下期集中验收后更新。",
    "正在办理采购手续，本期数量无变化。",
    "受停工影响，本期无变化。",
)
CORRECTIONS = (
    "市级核查发现重复统计，予以核减。",
    "现场抽查有个别点位未彻底拆除，按实际核减。",
    "部分改造户未通过验收，暂予扣除。",
)
CLAIMS = (
    "任务全部完成，资料已整理归档，申请销号。",
    "经自查达到方案要求，现申请核验销号。",
    "已组织市级验收并公示，申请销号。",
)
AGAIN = ("已按意见补充材料并重新核对，再次申请销号。", "问题点位已整改到位，补传照片，请予核验。")
VERIFIED = ("", "", "资料齐全，同意销号。", "现场抽查未发现问题，同意销号。", "数据与台账一致，予以核实。")
RETURNED = (
    "佐证照片不能看出改造后状态，请补充拆除前后对照照片。",
    "台账与上报数量不一致，请核对后重新申报。",
    "抽查两处现场未完成，请整改到位后再申请。",
    "缺少验收意见或公示材料，请补充。",
)
NOT_APPLICABLE = "经排查，本市没有此类企业，申请按不涉及处理。"
NA_REFUSED = "工信部门名录中有在产企业，请重新排查后填报。"
NA_ACCEPTED = "经与名录核对情况属实，同意。"


def note(item: Item, figure: Figure | None, chance: Random) -> str:
    """A note on a figure (or, without one, on the state of things)."""
    first = _first(item, figure, chance)
    more = BY_CLAUSE.get(item.clause, ())
    return first + (chance.choice(more) if more and chance.random() < 0.6 else "")


def _first(item: Item, figure: Figure | None, chance: Random) -> str:
    if item.due is None:
        return chance.choice(STANDING)
    if figure is None or item.unit == "milestone":
        return chance.choice(MILESTONES)
    if item.unit == "device":
        return chance.choice(DEVICES).format(done=figure.quantity)
    if figure.done is None or figure.total is None:
        return chance.choice(SHARES).format(share=f"{figure.quantity:.0%}")
    thing, word = THINGS[item.task][:2] if item.task in THINGS else ("", "户")
    values = {"done": f"{figure.done:,}", "total": f"{figure.total:,}", "left": f"{figure.total - figure.done:,}"}
    share = f"{figure.done / figure.total:.1%}"
    chosen = chance.choice(HOUSEHOLDS if item.unit == "household" else COUNTED)
    return chosen.format(**values, share=share, thing=thing, word=word)


def problem(item: Item, chance: Random) -> str:
    """What stands in the way."""
    return chance.choice((*PROBLEMS[""], *PROBLEMS.get(item.clause, ())))
