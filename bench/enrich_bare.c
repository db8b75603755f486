/*
 * What c-ares does by itself: reads names and types ("A", "PTR") from the standard input, asks them
 * all of one server with so many open at a time, and prints answers and seconds.
 *
 *   enrich_bare ADDRESS:PORT OPEN <questions
 */
#include <ares.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LINE_MAX_BYTES 300
#define SOCKETS_MAX 16

static unsigned long open_now, answered;

static void on_answer(void *context, int status, int timeouts, unsigned char *bytes, int len)
{
	(void)context;
	(void)timeouts;
	(void)bytes;
	(void)len;
	open_now--;
	answered += status == ARES_SUCCESS || status == ARES_ENOTFOUND || status == ARES_ENODATA;
}

static int ask_next(ares_channel channel)
{
	char line[LINE_MAX_BYTES];
	char *blank;

	if (!fgets(line, sizeof(line), stdin) || !(blank = strchr(line, ' ')))
		return 0;
	*blank = '\0';
	open_now++;
	ares_query(channel, line, 1, strncmp(blank + 1, "PTR", 3) == 0 ? 12 : 1, on_answer, NULL);
	return 1;
}

static void wait_for_answers(ares_channel channel)
{
	ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
	struct pollfd ready[SOCKETS_MAX];
	int bits = ares_getsock(channel, sockets, ARES_GETSOCK_MAXNUM);
	nfds_t count = 0;

	for (unsigned int i = 0; i < ARES_GETSOCK_MAXNUM && i < SOCKETS_MAX; i++)
		if (ARES_GETSOCK_READABLE((unsigned int)bits, i))
			ready[count++] = (struct pollfd){.fd = sockets[i], .events = POLLIN};
	poll(ready, count, 1000);
	for (nfds_t i = 0; i < count; i++)
		ares_process_fd(channel, ready[i].revents ? ready[i].fd : ARES_SOCKET_BAD,
				ARES_SOCKET_BAD);
}

int main(int argc, char **argv)
{
	struct ares_options options = {.socket_receive_buffer_size = 1 << 20};
	struct timespec begin, end;
	unsigned long most;
	ares_channel channel;
	int more = 1;

	if (argc != 3 ||
	    ares_init_options(&channel, &options, ARES_OPT_SOCK_RCVBUF) != ARES_SUCCESS ||
	    ares_set_servers_ports_csv(channel, argv[1]) != ARES_SUCCESS)
		return 2;
	most = strtoul(argv[2], NULL, 10);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	while (more || open_now > 0) {
		while (more && open_now < most)
			more = ask_next(channel);
		if (open_now > 0)
			wait_for_answers(channel);
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("%lu %.3f\n", answered,
	       (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9);
	ares_destroy(channel);
	return 0;
}
