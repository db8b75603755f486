/*
 * The resolver on c-ares: a channel for each server, their sockets watched with poll.
 *
 * c-ares tries again after a time-out and goes over to TCP where an answer was cut. Which
 * server is asked is decided here: each question begins with the next one and goes on to
 * the others when a server is silent or cannot tell (SERVFAIL, REFUSED), which a channel of
 * several servers would report as a refused connection.
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
#define TRIES_OF_ONE 2	/* of the only server; of several, each is asked once */
#define SERVERS_TRIED 3 /* at most, for one question */
#define RECEIVE_BYTES (1 << 20)
#define DNS_PORT 53
#define DNS_CLASS_IN 1

struct server {
	struct resolver *resolver;
	ares_channel channel; /* NULL: not opened */
};

struct watched {
	struct server *server;
	struct pollfd poll;
};

struct resolver {
	struct server servers[RESOLVER_SERVERS_MAX];
	uint32_t server_count, turn;
	struct watched *sockets;
	size_t count, capacity;
};

static void on_socket(void *context, ares_socket_t fd, int readable, int writable)
{
	struct server *server = context;
	struct resolver *resolver = server->resolver;
	short events = (short)((readable ? POLLIN : 0) | (writable ? POLLOUT : 0));
	size_t i = 0;

	while (i < resolver->count && resolver->sockets[i].poll.fd != fd)
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
	resolver->sockets[i] = (struct watched){server, {.fd = fd, .events = events}};
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

/* A channel; TRIES: how often a question is sent. */
static int open_channel(struct server *server, int tries, struct err *err)
{
	struct ares_options options = {
		.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOCHECKRESP | ARES_FLAG_STAYOPEN,
		.timeout = TIMEOUT_MS,
		.tries = tries,
		.socket_receive_buffer_size = RECEIVE_BYTES,
		.sock_state_cb = on_socket,
		.sock_state_cb_data = server,
	};
	int status = ares_init_options(&server->channel, &options,
				       ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
					       ARES_OPT_SOCK_RCVBUF | ARES_OPT_SOCK_STATE_CB);

	if (status == ARES_SUCCESS)
		return 0;
	server->channel = NULL;
	return err_set(err, -ENOMEM, "can't start the resolver: %s", ares_strerror(status));
}

/* One channel for each of COUNT servers. */
static int open_servers(struct resolver *resolver, const struct ares_addr_port_node *nodes,
			uint32_t count, struct err *err)
{
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < count; i++) {
		struct ares_addr_port_node node = nodes[i];
		struct server *server = &resolver->servers[resolver->server_count++];

		node.next = NULL;
		server->resolver = resolver;
		r = open_channel(server, count == 1 ? TRIES_OF_ONE : 1, err);
		if (r == 0 && ares_set_servers_ports(server->channel, &node) != ARES_SUCCESS)
			r = err_set(err, -ENOMEM, "out of memory");
	}
	return r;
}

static int open_named(struct resolver *resolver, const char *const *servers, struct err *err)
{
	struct ares_addr_port_node nodes[RESOLVER_SERVERS_MAX] = {0};
	uint32_t count = 0;

	for (; servers[count]; count++) {
		if (count == RESOLVER_SERVERS_MAX)
			return err_set(err, -EINVAL, "more than %d times --dns",
				       RESOLVER_SERVERS_MAX);
		if (parse_server(servers[count], &nodes[count], err) < 0)
			return -EINVAL;
	}
	return open_servers(resolver, nodes, count, err);
}

/* The servers that c-ares finds in the system's configuration; without any, this machine. */
static int open_system(struct resolver *resolver, struct err *err)
{
	struct ares_addr_port_node nodes[RESOLVER_SERVERS_MAX] = {
		{.family = AF_INET, .addr.addr4.s_addr = htonl(INADDR_LOOPBACK)}};
	struct ares_addr_port_node *found = NULL;
	struct server system = {.resolver = resolver};
	uint32_t count = 0;
	int r = open_channel(&system, 1, err);

	if (r < 0)
		return r;
	if (ares_get_servers_ports(system.channel, &found) == ARES_SUCCESS)
		for (struct ares_addr_port_node *n = found; n && count < RESOLVER_SERVERS_MAX;
		     n = n->next)
			nodes[count++] = *n;
	ares_free_data(found);
	ares_destroy(system.channel);
	return open_servers(resolver, nodes, count ? count : 1, err);
}

int resolver_new(const char *const *servers, struct resolver **ret_resolver, struct err *err)
{
	struct resolver *resolver = memory_get_zeroed(1, sizeof(*resolver));
	int r = servers && servers[0] ? open_named(resolver, servers, err)
				      : open_system(resolver, err);

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
	for (uint32_t i = 0; i < resolver->server_count; i++)
		if (resolver->servers[i].channel)
			ares_destroy(resolver->servers[i].channel);
	free(resolver->sockets);
	free(resolver);
}

uint32_t resolver_servers(const struct resolver *resolver)
{
	return resolver->server_count;
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
	struct resolver *resolver = question->resolver;
	struct server *server = &resolver->servers[question->server++ % resolver->server_count];

	question->servers_left--;
	ares_query(server->channel, question->name, DNS_CLASS_IN, (int)question->type, on_answer,
		   question);
}

static void on_answer(void *context, int code, int timeouts, unsigned char *bytes, int len)
{
	struct question *question = context;
	enum resolver_status status = status_of(code);
	bool told = status == RESOLVER_ANSWER || status == RESOLVER_NONE;

	(void)timeouts;
	if (!told && code != ARES_EDESTRUCTION && question->servers_left > 0) {
		send_question(question);
		return;
	}
	question->done(question, status,
		       status == RESOLVER_ANSWER ? view_of((const char *)bytes, (size_t)len)
						 : VIEW(""));
}

void resolver_ask(struct resolver *resolver, struct question *question)
{
	uint32_t count = resolver->server_count;

	question->resolver = resolver;
	question->server = resolver->turn++;
	question->servers_left = count < SERVERS_TRIED ? count : SERVERS_TRIED;
	send_question(question);
}

/* How long poll may wait: until a channel wants to try again. */
static int poll_ms(const struct resolver *resolver, int wait_ms)
{
	struct timeval most = {wait_ms / 1000, wait_ms % 1000 * 1000L}, room;

	for (uint32_t i = 0; i < resolver->server_count; i++)
		most = *ares_timeout(resolver->servers[i].channel, &most, &room);
	return (int)(most.tv_sec * 1000 + (most.tv_usec + 999) / 1000);
}

void resolver_run(struct resolver *resolver, int wait_ms)
{
	struct pollfd ready[2 * RESOLVER_SERVERS_MAX];
	struct server *servers[2 * RESOLVER_SERVERS_MAX];
	size_t count = 0;

	/* A copy: answers open and close sockets. */
	for (; count < resolver->count && count < sizeof(ready) / sizeof(*ready); count++) {
		ready[count] = resolver->sockets[count].poll;
		servers[count] = resolver->sockets[count].server;
	}
	if (poll(ready, count, poll_ms(resolver, wait_ms)) < 0)
		count = 0;
	for (size_t i = 0; i < count; i++)
		if (ready[i].revents)
			ares_process_fd(servers[i]->channel,
					ready[i].revents & ~POLLOUT ? ready[i].fd : ARES_SOCKET_BAD,
					ready[i].revents & POLLOUT ? ready[i].fd : ARES_SOCKET_BAD);
	for (uint32_t i = 0; i < resolver->server_count; i++) /* time-outs */
		ares_process_fd(resolver->servers[i].channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}
