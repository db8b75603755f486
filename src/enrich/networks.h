/*
 * Networks: which network, autonomous system and country an address belongs to,
 * by tables in MMDB files (MaxMind's format, which others publish too).
 */
#ifndef MXWATCH_ENRICH_NETWORKS_H
#define MXWATCH_ENRICH_NETWORKS_H

#include "base/err.h"
#include "model/enrichment.h"

struct networks;

/*
 * Opens the files named in PATHS (NULL-terminated). NULL or empty: those in networks_folder, which
 * may be none. Returns 0, or a negative errno with *err filled: a file cannot be read or is no
 * MMDB file. Close with networks_close.
 */
must_check int networks_open(const char *const *paths, struct networks **ret_networks,
			     struct err *err);
void networks_close(struct networks *networks);
bool networks_any(const struct networks *networks);

/* Fills in what the files know of the row's address; earlier files go before later ones. Returns
   0, or -EBADMSG with *err filled for a damaged file. */
must_check int networks_look_up(struct networks *networks, struct enrichment *enrichment,
				struct enrichment_row *row, struct err *err);

/* The folder where files are found unasked: $XDG_DATA_HOME/mxwatch (~/.local/share/mxwatch),
   /var/lib/mxwatch for root. */
void networks_folder(char *path, size_t size);

#endif
