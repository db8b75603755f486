#include <math.h>

#include "report/writer.h"

#define EIGHTHS 8

unsigned int picture_bar(FILE *out, double value, double highest, unsigned int cells,
			 bool log_scale)
{
	/* From one eighth of a cell to the whole: U+258F … U+2588. */
	static const char *const parts[EIGHTHS + 1] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"};
	double share;
	unsigned int eighths, columns;

	if (value <= 0 || highest <= 0 || cells == 0)
		return 0;
	/* A logarithm has no place for 0; 1 is to be seen. */
	share = log_scale ? log1p(value) / log1p(highest) : value / highest;
	eighths = (unsigned int)lround(fmin(share, 1) * EIGHTHS * cells);
	if (eighths == 0)
		eighths = 1;
	columns = eighths / EIGHTHS;
	for (unsigned int i = 0; i < columns; i++)
		fputs(parts[EIGHTHS], out);
	fputs(parts[eighths % EIGHTHS], out);
	return columns + (eighths % EIGHTHS != 0);
}
