"""Reads an export as people do: with pandas, and with LibreOffice. Every field must be what the JSON Lines say.

csv_file.py EXPORT.csv EXPORT.jsonl SOFFICE
"""

import base64
import csv
import itertools
import json
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path

import pandas

ROWS = 100_000  # at a time: what is measured is the export, and this should fit beside it


def text(seconds):
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def names(choices, granted):
    return " ".join(sorted(name for name, choice in choices.items() if choice == granted))


def harmless(field):
    return "'" + field if field.startswith(("=", "+", "-", "@")) else field


def expected(line):
    """The fields of a receipt, from its signed claims."""
    row = json.loads(line)
    claims = row["receipt"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    services = claims.get("services", {})
    fields = [
        claims["jti"], claims["sub"], claims["aud"], claims["act"], claims["src"],
        names(claims["choices"], True), names(claims["choices"], False),
        names(services, True), names(services, False),
        text(claims["dat"]), text(claims["iat"]), text(claims["exp"]),
        claims["lang"], claims["scope"], claims["notice"], claims.get("prev", ""),
        "true" if claims.get("gpc") else "false", row["receipt"], str(row["seq"]),
    ]
    return [harmless(field) for field in fields]


def with_pandas(export, lines):
    began, rows, ids = time.monotonic(), 0, set()
    with open(lines) as told:
        for part in pandas.read_csv(export, dtype=str, keep_default_na=False, chunksize=ROWS):
            assert len(part.columns) == 19, part.columns
            ids.update(part["record_id"])
            rows += len(part)
            for found, line in zip(part.itertuples(index=False), told):
                assert list(found) == expected(line), (found, line)
        assert not told.readline(), "the CSV is shorter"
    assert len(ids) == rows, "a record is there twice"
    print(f"pandas: {rows} rows, every field as signed, no record twice, in {time.monotonic() - began:.0f} s", flush=True)
    return rows


def with_libreoffice(export, soffice, rows):
    """Opened in Calc with the usual settings (comma, quotes, UTF-8), and saved as CSV again."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(dir=Path(export).parent) as folder:
        # As it is shown, fields in quotes taken for text or not: 44 comma, 34 quote, 76 UTF-8.
        command = [
            soffice, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--norestore",
            "--infilter=CSV:44,34,76,1", "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true",
            "--outdir", f"{folder}/out", str(export),
        ]
        ended = subprocess.run(command, capture_output=True, text=True)
        saved = Path(folder, "out", Path(export).name)
        assert saved.exists(), ended.stderr + ended.stdout
        found = 0
        with open(saved, newline="", encoding="utf-8") as saved, open(export, newline="", encoding="utf-8") as written:
            for place, (back, row) in enumerate(itertools.zip_longest(csv.reader(saved), csv.reader(written))):
                assert back is not None and row is not None, f"row {place} is in one file only"
                # A truth value is shown as one: TRUE and FALSE in English.
                same = [b == r or b.lower() == r for b, r in zip(back, row)]
                assert len(back) == len(row) and all(same), (place, back, row)
                found = place
    assert found == rows, (found, rows)
    print(f"LibreOffice: {found} rows, every field as written, in {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    rows = with_pandas(sys.argv[1], sys.argv[2])
    with_libreoffice(sys.argv[1], sys.argv[3], rows)
