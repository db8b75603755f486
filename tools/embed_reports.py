#!/usr/bin/env python3
"""Puts the built-in reports into a C file: embed_reports.py OUT.c REPORT.sql..."""
import sys

from embed_text import literal

with open(sys.argv[1], "w", encoding="utf-8") as out:
    out.write('#include "report/builtin.h"\n\nconst char *const builtin_reports[] = {\n')
    for path in sys.argv[2:]:
        with open(path, encoding="utf-8") as report:
            out.writelines(literal(line.rstrip("\n")) for line in report)
        out.write("\t,\n")
    out.write("};\nconst size_t builtin_report_count = %d;\n" % (len(sys.argv) - 2))
