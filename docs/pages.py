"""Write the pages that repeat what stands elsewhere: measured.md, config.md, gallery.md.

python docs/pages.py
"""

from pathlib import Path

from written.configuration import config
from written.gallery import gallery
from written.measured import measured

WRITTEN = "<!-- Written by docs/pages.py; edit what it reads. -->\n"
PAGES = {"measured": measured, "config": config, "gallery": gallery}


if __name__ == "__main__":
    for name, write in PAGES.items():
        (Path(__file__).parent / f"{name}.md").write_text(WRITTEN + write(), encoding="utf-8")
