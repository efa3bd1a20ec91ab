"""Writes the founding job's input: an Excel sheet of sales and a config.json, made up but always the same."""

import json
import pathlib
import random
import sys

import openpyxl

REGIONS = ["Norte", "Nordeste", "Centro-Oeste", "Sudeste", "Sul"]
ROWS = 2_000


def main(directory: str) -> None:
    target = pathlib.Path(directory)
    target.mkdir(parents=True, exist_ok=True)
    rng = random.Random(2024)
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["region", "product", "units", "revenue"])
    for number in range(ROWS):
        units = rng.randint(1, 40)
        sheet.append([rng.choice(REGIONS), f"P{number % 37:03}", units, round(units * rng.uniform(5, 90), 2)])
    book.save(target / "vendas.xlsx")
    (target / "config.json").write_text(json.dumps({"group_by": "region"}) + "\n")


main(sys.argv[1])
