#include "source/codec.h"

const struct codec *codec_find(struct view head)
{
	static const struct codec *const codecs[] = {&codec_gzip, &codec_zstd, &codec_xz,
						     &codec_bzip2};

	for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++)
		if (codecs[i]->recognise(head))
			return codecs[i];
	return NULL;
}

const char *codec_foreign(struct view head)
{
	static const struct {
		struct view magic;
		const char *words;
	} kinds[] = {
		{VIEW("LPKSHHRH"),
		 "a file of the systemd journal; name it instead of piping it in"},
		{VIEW("PK\003\004"), "a zip archive; unpack it first"},
		{VIEW("7z\xbc\xaf\x27\x1c"), "a 7z archive; unpack it first"},
		{VIEW("\x04\x22\x4d\x18"), "compressed with lz4; unpack it first"},
		{VIEW("LZIP\001"), "compressed with lzip; unpack it first"},
		{VIEW("\x1f\x9d"), "compressed with compress; unpack it with gzip -d first"},
		{VIEW("SQLite format 3"), "a database; name it with --store if it is mxwatch's"},
		{VIEW("\x7f"
		      "ELF"),
		 "a program"},
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (view_starts(head, kinds[i].magic))
			return kinds[i].words;
	return NULL;
}
