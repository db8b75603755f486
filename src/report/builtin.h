/* The text of the reports that are built in: the files of reports/, put into C by
   tools/embed_reports.py when the program is built. */
#ifndef MXWATCH_REPORT_BUILTIN_H
#define MXWATCH_REPORT_BUILTIN_H

#include <stddef.h>

extern const char *const builtin_reports[];
extern const size_t builtin_report_count;

#endif
