/*
 * Names that strangers guess: what is tried first by those who don't know who
 * is here. Lists of what is common, not of anybody.
 */
#ifndef MXWATCH_DETECT_NAMES_H
#define MXWATCH_DETECT_NAMES_H

#include <stdbool.h>

#include "base/view.h"

/* Letters in any case; digits behind the name are passed over. */

/* Names of accounts that guessers of passwords try: "admin", "test". Shared mailboxes that offices
   really have ("info", "sales") are not among them. */
bool names_is_guessed_user(struct view user);
/* Names that harvesters of addresses try: first names and shared mailboxes. */
bool names_is_dictionary(struct view user);

#endif
