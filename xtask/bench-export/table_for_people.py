"""Opens a table for people in LibreOffice with French settings: dates must be dates, numbers numbers, words words.

table_for_people.py EXPORT.csv SOFFICE
"""

import re
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from xml.etree import ElementTree

ROWS = 20_000  # of all: they are read as one tree
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
KINDS = {"N°": "float", "Reçu le": "date", "Décidé le": "date", "Valable jusqu’au": "date"}


def first_rows(export, to):
    with open(export, "rb") as all_rows, open(to, "wb") as some:
        for _, row in zip(range(ROWS + 1), all_rows):
            some.write(row)


def opened(export, soffice, folder):
    """As French users open it: 59 semicolon, 34 quote, 76 UTF-8, 1036 French; what is quoted is not taken for text."""
    command = [
        soffice, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--norestore",
        "--infilter=CSV:59,34,76,1,,1036,false,true", "--convert-to", "ods", "--outdir", f"{folder}/out", str(export),
    ]
    ended = subprocess.run(command, capture_output=True, text=True)
    saved = Path(folder, "out", Path(export).stem + ".ods")
    assert saved.exists(), ended.stderr + ended.stdout
    with zipfile.ZipFile(saved) as document, document.open("content.xml") as content:
        return ElementTree.parse(content).getroot().iter(TABLE + "table-row")


def cells(row):
    for cell in row.iter(TABLE + "table-cell"):
        for _ in range(min(int(cell.get(TABLE + "number-columns-repeated", 1)), 50)):
            yield cell.get(OFFICE + "value-type"), "".join(cell.itertext()).strip()


def check(export, soffice):
    began = time.monotonic()
    with tempfile.TemporaryDirectory(dir=Path(export).resolve().parent) as folder:
        some = Path(folder, "some.csv")
        first_rows(export, some)
        rows = opened(some, soffice, folder)
        titles = [text for _, text in cells(next(rows)) if text]
        wanted = [next((kind for start, kind in KINDS.items() if title.startswith(start)), None) for title in titles]
        assert sum(kind is not None for kind in wanted) == len(KINDS), titles
        found = 0
        for row in rows:
            told = list(cells(row))[: len(titles)]
            if not any(text for _, text in told):
                continue
            found += 1
            for title, kind, (is_kind, text) in zip(titles, wanted, told):
                assert is_kind == kind or (kind is None and is_kind in ("string", None)), (title, is_kind, text)
        assert found > 0 and re.search("Europe/|UTC", titles[1]), titles
    print(f"LibreOffice, French: {found} rows, dates as dates and numbers as numbers, in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    check(sys.argv[1], sys.argv[2])
