/*
 * Hosts: what a client's name and network say of who runs it.
 */
#ifndef MXWATCH_DETECT_HOSTS_H
#define MXWATCH_DETECT_HOSTS_H

#include <stdbool.h>
#include <stdint.h>

#include "detect/site.h"

struct detect_context;

/* Whether the client's name is confirmed and has not the form of a home line's. */
bool host_is_named(const struct detect_context *context, uint32_t client);
/* Whether the client's confirmed name lies in a domain of ours. */
bool host_is_ours(const struct detect_context *context, uint32_t client);
/* Equal for clients that are not independent of each other: under one confirmed site, else in
   one network (IPv4 /24, IPv6 /48). The same in every run. */
uint64_t host_source(const struct detect_context *context, struct sites *sites, uint32_t client);
/* The same for clients that may be far parts of one pool: by IPv4 /16, IPv6 /32. */
uint64_t host_wide_source(const struct detect_context *context, uint32_t client);

#endif
