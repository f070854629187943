"""Why a file is not taken, in the words of the person who uploads it."""

from flask_babel import lazy_gettext as _l

from webapp.errors import Text

OTHER_CONTENT = _l("内容与扩展名不符，请上传原始文件。")
BROKEN = _l("文件已损坏或不完整，请重新导出或拍摄后上传。")
NOT_TAKEN = _l("不支持这种文件。可以上传照片（JPG、PNG、WEBP、HEIC、GIF）、PDF、Word、Excel、PPT、CSV 和 TXT。")
EMPTY = _l("文件是空的。")
TOO_MANY_PIXELS = _l("图片尺寸过大，请缩小后上传。")
MACROS = _l("文件含有宏，不能上传。请另存为不含宏的格式（如 .docx、.xlsx）。")
ENCRYPTED = _l("文件设有密码，审核人员无法打开。请去除密码后上传。")
BOMB = _l("文件解压后过大，不能上传。请拆分后分别上传。")


class Refused(Exception):
    """A file is not taken; says why."""

    def __init__(self, reason: Text) -> None:
        super().__init__(str(reason))
        self.reason = reason
