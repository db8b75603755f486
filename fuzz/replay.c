/* Runs a fuzz target over the files of its corpus: what once broke stays mended. */
#include <dirent.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	char *bytes = malloc(1 << 20);
	size_t size;

	if (!file || !bytes) {
		perror(path);
		return 1;
	}
	size = fread(bytes, 1, 1 << 20, file);
	/* An exact copy, so that a sanitizer sees a read past its end. */
	char *exact = malloc(size ? size : 1);
	if (exact && size)
		__builtin_memcpy(exact, bytes, size);
	LLVMFuzzerTestOneInput((const uint8_t *)exact, size);
	free(exact);
	free(bytes);
	fclose(file);
	return 0;
}

int main(int argc, char **argv)
{
	int failed = 0, count = 0;

	for (int i = 1; i < argc; i++) {
		DIR *folder = opendir(argv[i]);
		struct dirent *entry;

		if (!folder) {
			perror(argv[i]);
			return 1;
		}
		while ((entry = readdir(folder))) {
			char path[PATH_MAX];

			if (entry->d_name[0] == '.')
				continue;
			snprintf(path, sizeof(path), "%s/%s", argv[i], entry->d_name);
			failed |= replay_file(path);
			count++;
		}
		closedir(folder);
	}
	printf("%d files replayed\n", count);
	return failed || count == 0;
}
