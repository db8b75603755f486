/* Archives of any kind, damaged at will: the same bytes come in pieces as come
   at once, and never a crash. What is made of damage may differ by a match. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "source/source.h"

#define OUTPUT_BYTES ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads PATH in pieces of PIECE bytes; returns how much came, and whether it was sound. */
static size_t read_in_pieces(const char *path, size_t piece, char *bytes, bool *ret_sound)
{
	struct source *source;
	struct err err;
	size_t len = 0;
	ssize_t got = 0;

	*ret_sound = false;
	if (source_open(path, &source, &err) < 0)
		return 0;
	while (len < OUTPUT_BYTES) {
		size_t want = piece < OUTPUT_BYTES - len ? piece : OUTPUT_BYTES - len;

		got = source_read(source, bytes + len, want, &err);
		if (got <= 0)
			break;
		len += (size_t)got;
	}
	source_close(source);
	*ret_sound = got >= 0;
	return len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_close_ int fd = memfd_create("archive", MFD_CLOEXEC);
	_cleanup_free_ char *whole = malloc(OUTPUT_BYTES), *pieces = malloc(OUTPUT_BYTES);
	size_t whole_len, pieces_len;
	bool whole_sound, pieces_sound;
	char path[64];

	/* The journal is libsystemd's to read. */
	if (size >= 8 && memcmp(data, "LPKSHHRH", 8) == 0)
		return 0;
	if (fd < 0 || !whole || !pieces || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	whole_len = read_in_pieces(path, OUTPUT_BYTES, whole, &whole_sound);
	pieces_len = read_in_pieces(path, 7, pieces, &pieces_sound);
	if (whole_sound != pieces_sound ||
	    (whole_sound && (pieces_len != whole_len || memcmp(whole, pieces, whole_len) != 0)))
		abort();
	return 0;
}
