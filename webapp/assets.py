"""What `make setup` builds: the few front-end files the pages use, the icon sprite, the compiled translations.

Run as `python -m webapp.assets`. Everything written here is ignored by git and can be made again.
A page shows an icon with `<svg class="icon"><use href="…/vendor/icons.svg#home"></use></svg>`.
"""

import re
import shutil
import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ROOT / "node_modules"
VENDOR = ROOT / "webapp" / "static" / "vendor"
TRANSLATIONS = ROOT / "webapp" / "translations"

# Copied as they are: from node_modules, to the vendor folder.
FILES = {
    "@tabler/core/dist/css/tabler.min.css": "tabler.min.css",
    "@tabler/core/dist/js/tabler.min.js": "tabler.min.js",
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    # Embedded in the PDF documents; the two weights they use.
    "@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf": "fonts/NotoSansSC-Regular.ttf",
    "@expo-google-fonts/noto-sans-sc/700Bold/NotoSansSC_700Bold.ttf": "fonts/NotoSansSC-Bold.ttf",
}

# Tabler's outline icons that end up in the sprite; add a name here to use one more.
ICONS = """
    accessible activity alert-circle alert-triangle archive arrow-back-up arrow-down arrow-left arrow-right arrow-up ban
    bell building building-factory calendar calendar-due calendar-event calendar-stats camera chart-bar chart-line
    check checks chevron-down chevron-left chevron-right chevron-up circle circle-check circle-dashed circle-minus
    circle-x clipboard-check clipboard-list clock clock-exclamation cloud copy database device-floppy dots download
    edit external-link eye eye-check file file-check file-text files filter flag flag-3 flame gauge help help-circle
    history home hourglass inbox info-circle key language layout-dashboard lifebuoy link list list-check list-details
    lock login logout mail mail-opened map map-pin menu-2 message minus moon note paperclip photo player-play
    player-track-next plus point printer progress-check refresh report report-analytics search send server settings
    shield-check sitemap snowflake sun table target trash trending-down trending-up upload user user-check users wind
    world x
""".split()  # noqa: SIM905 - a list of words is read and extended more easily than 113 quotes

SPRITE_ATTRIBUTES = (
    'viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" '
    'stroke-linecap="round" stroke-linejoin="round"'
)
_INVISIBLE_PATH = '<path stroke="none" d="M0 0h24v24H0z" fill="none" />'


def copy_files() -> None:
    """Copy the named files out of node_modules; a missing one is an error, not a page without style."""
    (VENDOR / "fonts").mkdir(parents=True, exist_ok=True)
    for source, target in FILES.items():
        shutil.copyfile(PACKAGES / source, VENDOR / target)


def symbol(name: str, svg: str) -> str:
    """One Tabler icon file as a `<symbol>`; the colour stays that of the text around it."""
    body = re.sub(r"^.*?<svg.*?>|</svg>\s*$", "", svg, flags=re.DOTALL)
    paths = " ".join(body.replace(_INVISIBLE_PATH, "").split())
    return f'<symbol id="{name}" {SPRITE_ATTRIBUTES}>{paths}</symbol>'


def write_sprite() -> None:
    """Write all icons into one SVG file that pages refer to by fragment."""
    folder = PACKAGES / "@tabler/icons/icons/outline"
    symbols = [symbol(name, (folder / f"{name}.svg").read_text(encoding="utf-8")) for name in ICONS]
    text = '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"
    (VENDOR / "icons.svg").write_text(text, encoding="utf-8")


def compile_translations() -> None:
    """Compile every committed `.po` beside itself; entries marked fuzzy are left out."""
    for source in sorted(TRANSLATIONS.glob("*/LC_MESSAGES/*.po")):
        with source.open("rb") as lines:
            catalogue = read_po(lines, locale=source.parent.parent.name, domain=source.stem)
        with source.with_suffix(".mo").open("wb") as compiled:
            write_mo(compiled, catalogue)


def main() -> None:
    """Build everything; with the argument `translations`, only those."""
    if sys.argv[1:] != ["translations"]:
        copy_files()
        write_sprite()
    compile_translations()


if __name__ == "__main__":
    main()
