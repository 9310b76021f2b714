"""A Chinese font for browsers and screenshots on machines that have none (D28).

The zhplot package carries Noto Sans SC; a fontconfig file of our own adds its folder to the system's fonts.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

CONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
</fontconfig>
"""


def font_folder() -> Path:
    """The folder that holds NotoSansSC-Regular.ttf, found without importing zhplot (which imports pyplot)."""
    spec = importlib.util.find_spec("zhplot")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0]) / "fonts"


def write_fontconfig(folder: Path) -> Path:
    """Write fonts.conf into `folder` and answer its path; to be put into FONTCONFIG_FILE."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "fonts.conf"
    path.write_text(CONFIG.format(fonts=font_folder(), cache=folder / "cache"), encoding="utf-8")
    return path
