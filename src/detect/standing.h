/*
 * Standing: what an origin has going for it, whatever it did.
 */
#ifndef MXWATCH_DETECT_STANDING_H
#define MXWATCH_DETECT_STANDING_H

#include "detect/detector.h"

/* Whether its address has a confirmed name that is not a home line's by its form. */
bool standing_named(const struct detect_context *context, uint32_t origin);
/* Messages of it that were taken in. */
uint32_t standing_messages(const struct detect_context *context, uint32_t origin);
/* GRADE, at most a note for those who send our own mail, and at most a hint for those who brought
   mail that was taken in. */
enum grade standing_cap(const struct detect_context *context, uint32_t origin, enum grade grade);

#endif
