/*
 * Rows: an array of structs of one size that each begin with three 32-bit
 * words, by which they are sorted in place. Detectors gather what may matter
 * in such arrays, and look at it in order when they are asked.
 */
#ifndef MXWATCH_DETECT_ROWS_H
#define MXWATCH_DETECT_ROWS_H

#include <stddef.h>
#include <stdint.h>

#define ROW_SIZE_MAX 64

/* Sorts COUNT rows of SIZE bytes (a multiple of 4) by their first, second, third word. Rows that
   are equal in these lie in any order. */
void rows_sort(void *rows, size_t count, size_t size);

#endif
