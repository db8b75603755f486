/*
 * What people see in a set of drop-boxes, and the name of a family.
 *
 * Who makes up twenty addresses makes them alike: "therichsheick*@yahoo.com". That
 * pattern stays when some boxes are replaced, so it is what the name is made from;
 * where there is none, the name is made from the smallest hash of the boxes, which
 * stays as long as that box does.
 */
#ifndef MXWATCH_DETECT_FAMILY_LABEL_H
#define MXWATCH_DETECT_FAMILY_LABEL_H

#include "base/text.h"
#include "model/patterns.h"

/* Adds the pattern of the addresses, in small letters: "therichsheick*@yahoo.com". Returns false,
   nothing added, if most of them are not alike. */
bool family_pattern(const struct view *addresses, size_t count, struct text *ret_pattern);

#define FAMILY_NAME_LENGTH 8
/* "f-" and 6 characters of base32 (RFC 4648, small letters). */
void family_name(uint64_t hash, char ret_name[static FAMILY_NAME_MAX]);

#endif
