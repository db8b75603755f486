/*
 * The resolver on c-ares: one channel, its sockets watched with poll.
 *
 * c-ares asks the servers in turn, tries again after a time-out and goes over to
 * TCP where an answer was cut. That a server cannot tell (SERVFAIL, REFUSED) it would
 * report as a refused connection; so it is told not to look, and another server is
 * asked from here.
 */
#include "enrich/resolver.h"

#include <ares.h>
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/time.h>

#include "base/memory.h"

#define TIMEOUT_MS 2000 /* doubled by c-ares for the second try */
#define TRIES 2
#define RECEIVE_BYTES (1 << 20)
#define DNS_PORT 53
#define DNS_CLASS_IN 1

struct resolver {
	ares_channel channel;
	uint32_t servers;
	struct pollfd *sockets;
	size_t count, capacity;
};

static void on_socket(void *context, ares_socket_t fd, int readable, int writable)
{
	struct resolver *resolver = context;
	short events = (short)((readable ? POLLIN : 0) | (writable ? POLLOUT : 0));
	size_t i = 0;

	while (i < resolver->count && resolver->sockets[i].fd != fd)
		i++;
	if (events == 0) {
		if (i < resolver->count)
			resolver->sockets[i] = resolver->sockets[--resolver->count];
		return;
	}
	if (i == resolver->count) {
		ARRAY_GROW(resolver->sockets, resolver->count, resolver->capacity);
		resolver->count++;
	}
	resolver->sockets[i] = (struct pollfd){.fd = fd, .events = events};
}

/* Splits "ADDRESS:PORT", "[ADDRESS]:PORT", "ADDRESS"; PORT is empty if there is none. */
static bool split(struct view text, struct view *address, struct view *port)
{
	size_t colon = view_find_byte(text, ':');

	*address = text;
	*port = VIEW("");
	if (view_eat(&text, VIEW("["))) {
		size_t end = view_find_byte(text, ']');

		if (end == VIEW_NONE)
			return false;
		*address = view_to(text, end);
		*port = view_from(text, end + 1);
		return port->len == 0 || (view_eat(port, VIEW(":")) && port->len > 0);
	}
	if (colon == VIEW_NONE || view_find_last_byte(text, ':') != colon)
		return true; /* no colon, or those of an IPv6 address */
	*address = view_to(text, colon);
	*port = view_from(text, colon + 1);
	return port->len > 0;
}

static int parse_server(const char *text, struct ares_addr_port_node *node, struct err *err)
{
	struct view address, port;
	unsigned long long number = DNS_PORT;
	struct ip ip;

	if (!split(view_string(text), &address, &port) || !ip_parse(address, &ip) ||
	    (port.len > 0 && (!view_eat_number(&port, &number) || port.len > 0)) || number == 0 ||
	    number > UINT16_MAX)
		return err_set(err, -EINVAL,
			       "--dns '%s' is not the address of a server; write 192.0.2.53, "
			       "192.0.2.53:5353 or [2001:db8::53]:5353",
			       text);
	node->udp_port = node->tcp_port = (int)number;
	node->family = ip_is_v4(&ip) ? AF_INET : AF_INET6;
	if (ip_is_v4(&ip))
		memcpy(&node->addr.addr4, ip.bytes + 12, 4);
	else
		memcpy(&node->addr.addr6, ip.bytes, 16);
	return 0;
}

static int set_servers(struct resolver *resolver, const char *const *servers, struct err *err)
{
	struct ares_addr_port_node nodes[RESOLVER_SERVERS_MAX] = {0};
	uint32_t count = 0;

	for (; servers[count]; count++) {
		if (count == RESOLVER_SERVERS_MAX)
			return err_set(err, -EINVAL, "more than %d times --dns",
				       RESOLVER_SERVERS_MAX);
		if (parse_server(servers[count], &nodes[count], err) < 0)
			return -EINVAL;
		if (count > 0)
			nodes[count - 1].next = &nodes[count];
	}
	resolver->servers = count;
	if (ares_set_servers_ports(resolver->channel, nodes) != ARES_SUCCESS)
		return err_set(err, -ENOMEM, "out of memory");
	return 0;
}

static void count_servers(struct resolver *resolver)
{
	struct ares_addr_port_node *nodes = NULL;

	if (ares_get_servers_ports(resolver->channel, &nodes) == ARES_SUCCESS)
		for (struct ares_addr_port_node *n = nodes; n; n = n->next)
			resolver->servers++;
	ares_free_data(nodes);
	if (resolver->servers == 0)
		resolver->servers = 1;
}

int resolver_new(const char *const *servers, struct resolver **ret_resolver, struct err *err)
{
	struct resolver *resolver = memory_get_zeroed(1, sizeof(*resolver));
	struct ares_options options = {
		.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOCHECKRESP | ARES_FLAG_STAYOPEN,
		.timeout = TIMEOUT_MS,
		.tries = TRIES,
		.socket_receive_buffer_size = RECEIVE_BYTES,
		.sock_state_cb = on_socket,
		.sock_state_cb_data = resolver,
	};
	int status = ares_init_options(&resolver->channel, &options,
				       ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
					       ARES_OPT_SOCK_RCVBUF | ARES_OPT_SOCK_STATE_CB |
					       ARES_OPT_ROTATE);
	int r = 0;

	if (status != ARES_SUCCESS) {
		free(resolver);
		return err_set(err, -ENOMEM, "can't start the resolver: %s", ares_strerror(status));
	}
	if (servers && servers[0])
		r = set_servers(resolver, servers, err);
	else
		count_servers(resolver);
	if (r < 0) {
		resolver_free(resolver);
		return r;
	}
	*ret_resolver = resolver;
	return 0;
}

void resolver_free(struct resolver *resolver)
{
	if (!resolver)
		return;
	ares_destroy(resolver->channel);
	free(resolver->sockets);
	free(resolver);
}

uint32_t resolver_servers(const struct resolver *resolver)
{
	return resolver->servers;
}

static enum resolver_status status_of(int status)
{
	switch (status) {
	case ARES_SUCCESS:
		return RESOLVER_ANSWER;
	case ARES_ENODATA:
	case ARES_ENOTFOUND:
		return RESOLVER_NONE;
	case ARES_ETIMEOUT:
	case ARES_ECONNREFUSED:
	case ARES_EDESTRUCTION:
		return RESOLVER_SILENT;
	default:
		return RESOLVER_FAILED;
	}
}

static void on_answer(void *context, int code, int timeouts, unsigned char *bytes, int len);

static void send_question(struct question *question)
{
	question->servers_left--;
	ares_query(question->resolver->channel, question->name, DNS_CLASS_IN, question->type,
		   on_answer, question);
}

static void on_answer(void *context, int code, int timeouts, unsigned char *bytes, int len)
{
	struct question *question = context;
	enum resolver_status status = status_of(code);

	(void)timeouts;
	if (status == RESOLVER_FAILED && question->servers_left > 0) {
		send_question(question);
		return;
	}
	question->done(question, status,
		       status == RESOLVER_ANSWER ? view_of((const char *)bytes, (size_t)len)
						 : VIEW(""));
}

void resolver_ask(struct resolver *resolver, struct question *question)
{
	question->resolver = resolver;
	question->servers_left = resolver->servers;
	send_question(question);
}

/* How long poll may wait: until c-ares wants to try again. */
static int poll_ms(struct resolver *resolver, int wait_ms)
{
	struct timeval most = {wait_ms / 1000, wait_ms % 1000 * 1000L}, room;
	const struct timeval *wait = ares_timeout(resolver->channel, &most, &room);

	return (int)(wait->tv_sec * 1000 + (wait->tv_usec + 999) / 1000);
}

void resolver_run(struct resolver *resolver, int wait_ms)
{
	struct pollfd ready[2 * RESOLVER_SERVERS_MAX];
	size_t count = resolver->count < sizeof(ready) / sizeof(*ready)
			       ? resolver->count
			       : sizeof(ready) / sizeof(*ready);

	/* A copy: answers open and close sockets. */
	if (count > 0)
		memcpy(ready, resolver->sockets, count * sizeof(*ready));
	if (poll(ready, count, poll_ms(resolver, wait_ms)) < 0)
		count = 0;
	for (size_t i = 0; i < count; i++)
		if (ready[i].revents)
			ares_process_fd(resolver->channel,
					ready[i].revents & ~POLLOUT ? ready[i].fd : ARES_SOCKET_BAD,
					ready[i].revents & POLLOUT ? ready[i].fd : ARES_SOCKET_BAD);
	ares_process_fd(resolver->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD); /* time-outs */
}
