/*
 * The store's packed facts as SQL tables: virtual tables that unpack only the
 * columns and segments a query needs.
 */
#ifndef MXWATCH_STORE_QUERY_TABLES_H
#define MXWATCH_STORE_QUERY_TABLES_H

#include "store/internal.h"

/* Makes the tables attempts, sessions, roles, clients and strings known to the store's
   connection. Returns SQLite's code. */
int query_tables_register(struct store *store);

#endif
