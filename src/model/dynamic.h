/*
 * Names of home lines: recognised by their form alone.
 */
#ifndef MXWATCH_MODEL_DYNAMIC_H
#define MXWATCH_MODEL_DYNAMIC_H

#include <stdbool.h>

#include "base/ip.h"

/* Whether NAME, the PTR of IP, has the form that providers give to home and dial-up lines: the
   address in it in some spelling, or words such as "dynamic", "dsl", "pool". Names of mail servers
   ("mail", "mx", "smtp" in front) are not, nor what says "static". */
bool dynamic_name(struct view name, const struct ip *ip);

#endif
