/*
 * Tables that postmasters made by hand and published: given their figures as
 * facts, reports show the same tables.
 */
#include "fixture.h"

/* 22 December 2003, 00:00 UTC */
#define MONDAY 1072051200u

struct traffic_hour {
	unsigned int received, delivered, deferred, bounced, rejected;
	bool spike;
};

static const struct traffic_hour traffic[] = {
	{9150, 1570, 60, 21, 13680, false}, {8781, 1062, 47, 22, 13093, false},
	{7950, 867, 48, 29, 11299, false},  {7100, 1002, 65, 30, 9180, false},
	{16325, 927, 53, 17, 48834, true},  {17124, 1071, 51, 17, 48325, true},
	{13960, 957, 44, 34, 28078, true},  {9014, 1034, 24, 62, 20364, false},
	{1225, 215, 10, 3, 1963, false},
};

static const struct {
	unsigned int connections;
	const char *time, *average, *longest;
	unsigned int seconds, max;
	bool spike;
} connections[] = {
	{14309, "20:40:05", "5s", "500s", 74405, 500, false},
	{8148, "20:47:32", "9s", "730s", 74852, 730, false},
	{7337, "18:02:34", "9s", "276s", 64954, 276, false},
	{6728, "16:57:19", "9s", "499s", 61039, 499, false},
	{15259, "43:39:34", "10s", "267s", 157174, 267, true},
	{15478, "45:45:42", "11s", "251s", 164742, 251, true},
	{12592, "31:46:18", "9s", "251s", 114378, 251, false},
	{8099, "25:16:31", "11s", "281s", 90991, 281, false},
};

static void add_hours(struct fixture *f)
{
	for (unsigned int hour = 0; hour < 9; hour++) {
		struct slot slot = {
			.start = MONDAY + hour * 3600 + 900,
			.received = traffic[hour].received,
			.delivered = traffic[hour].delivered,
			.deferred = traffic[hour].deferred,
			.bounced = traffic[hour].bounced,
			.rejected = traffic[hour].rejected,
		};

		if (hour < sizeof(connections) / sizeof(*connections)) {
			slot.connections = slot.sessions_exact = connections[hour].connections;
			slot.connected_ms = (uint64_t)connections[hour].seconds * 1000;
			slot.max_ms = connections[hour].max * 1000;
		}
		f->sink.slot(f->sink.context, &slot);
	}
}

static void hourly_traffic(void **state)
{
	struct fixture f;
	char want[200];

	(void)state;
	fixture_init(&f);
	add_hours(&f);
	assert_int_equal(fixture_print(&f, "traffic"), 0);
	for (unsigned int hour = 0; hour < 9; hour++) {
		snprintf(want, sizeof(want),
			 "{\"hour\": \"2003-12-22T%02u:00:00Z\", \"received\": %u, \"delivered\": "
			 "%u, "
			 "\"deferred\": %u, \"bounced\": %u, \"rejected\": %u, \"spike\": %s}",
			 hour, traffic[hour].received, traffic[hour].delivered,
			 traffic[hour].deferred, traffic[hour].bounced, traffic[hour].rejected,
			 traffic[hour].spike ? "true" : "false");
		fixture_expect(&f, want);
	}
	fixture_release(&f);
}

static void hourly_connections(void **state)
{
	struct fixture f;
	char want[200];

	(void)state;
	fixture_init(&f);
	add_hours(&f);
	assert_int_equal(fixture_print(&f, "connections"), 0);
	for (unsigned int hour = 0; hour < sizeof(connections) / sizeof(*connections); hour++) {
		snprintf(want, sizeof(want),
			 "{\"hour\": \"2003-12-22T%02u:00:00Z\", \"connections\": %u, \"spike\": "
			 "%s, "
			 "\"seconds\": %u, \"avg_seconds\": %d, \"max_seconds\": %u,",
			 hour, connections[hour].connections,
			 connections[hour].spike ? "true" : "false", connections[hour].seconds,
			 (int)strtol(connections[hour].average, NULL, 10), connections[hour].max);
		fixture_expect(&f, want);
	}
	fixture_expect_not(&f, "T08:00:00Z\", \"connections\"");
	f.options.format = REPORT_TEXT;
	assert_int_equal(fixture_print(&f, "connections"), 0);
	fixture_expect(&f, "  0000-0100       14,309          20:40:05          5s       500s ");
	fixture_expect(&f, "  0400-0500       15,259  !!!!    43:39:34         10s       267s ");
	fixture_release(&f);
}

static const struct {
	unsigned int connections, hours, minutes, seconds, average, longest;
	const char *host, *address; /* NULL: host is the address */
} hosts[] = {
	{6312, 0, 16, 3, 0, 29, "61.136.151.158", NULL},
	{2404, 1, 21, 37, 2, 17, "c-direct.ne.jp", "192.0.2.1"},
	{1900, 0, 44, 21, 1, 12, "67.39.250.194", NULL},
	{1840, 1, 23, 1, 3, 23, "sysrun.co.jp", "192.0.2.3"},
	{1404, 0, 50, 39, 2, 7, "plala.or.jp", "192.0.2.4"},
	{1028, 0, 34, 7, 2, 7, "odex.co.jp", "192.0.2.5"},
	{1018, 3, 12, 45, 11, 59, "zoanmail.com", "192.0.2.6"},
	{1016, 0, 37, 11, 2, 8, "211.121.191.218", NULL},
	{1003, 1, 43, 33, 6, 33, "ns.secureprint.jp", "192.0.2.8"},
	{937, 0, 37, 8, 2, 8, "211.235.191.220", NULL},
	{924, 1, 49, 8, 7, 15, "211.199.180.217", NULL},
	{896, 0, 39, 24, 3, 12, "wakwak.ne.jp", "192.0.2.11"},
	{763, 0, 34, 55, 3, 8, "211.92.240.19", NULL},
	{744, 5, 16, 57, 26, 66, "200.16.81.209", NULL},
	{727, 0, 27, 20, 2, 12, "219.120.74.163", NULL},
	{702, 5, 18, 33, 27, 49, "rr.com", "192.0.2.15"},
	{702, 0, 28, 5, 2, 12, "211.97.235.106", NULL},
	{687, 10, 12, 2, 53, 108, "194.162.80.26", NULL},
	{608, 2, 53, 55, 17, 96, "hinet.net", "192.0.2.18"},
	{596, 1, 57, 25, 12, 251, "203.238.211.219", NULL},
};

/* The connections of one host: as many as told, as long as told, one the longest. */
static void add_host(struct fixture *f, size_t n)
{
	const char *address = hosts[n].address ? hosts[n].address : hosts[n].host;
	unsigned int total = (hosts[n].hours * 60 + hosts[n].minutes) * 60 + hosts[n].seconds;
	unsigned int rest = total - hosts[n].longest, others = hosts[n].connections - 1;
	char name[100] = "";
	uint32_t client;

	if (hosts[n].address)
		snprintf(name, sizeof(name), "%s%s",
			 strncmp(hosts[n].host, "ns.", 3) == 0 ? "" : "smtp2.east.", hosts[n].host);
	client = fixture_client(f, address, name, false);
	fixture_session(f, client, MONDAY, hosts[n].longest, 0);
	for (unsigned int i = 0; i < others; i++)
		fixture_session(f, client, MONDAY, rest / others + (i < rest % others), 0);
}

static void hosts_by_connections(void **state)
{
	struct fixture f;
	const char *at;
	char want[200];

	(void)state;
	fixture_init(&f);
	for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++)
		add_host(&f, sizeof(hosts) / sizeof(*hosts) - 1 - i);
	f.options.format = REPORT_TEXT;
	assert_int_equal(fixture_print(&f, "connections"), 0);
	at = f.out;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++) {
		char count[20], time[20], average[20], longest[20];
		const char *host = hosts[i].host;

		snprintf(count, sizeof(count), "%u", hosts[i].connections);
		if (hosts[i].connections >= 1000)
			snprintf(count, sizeof(count), "%u,%03u", hosts[i].connections / 1000,
				 hosts[i].connections % 1000);
		snprintf(time, sizeof(time), "%u:%02u:%02u", hosts[i].hours, hosts[i].minutes,
			 hosts[i].seconds);
		snprintf(average, sizeof(average), "%us", hosts[i].average);
		snprintf(longest, sizeof(longest), "%us", hosts[i].longest);
		/* The list of public suffixes knows that the host was registered as
		   secureprint.jp; it stands in the next column. */
		if (strncmp(host, "ns.", 3) == 0)
			host += 3;
		snprintf(want, sizeof(want), "%11s  %10s  %10s  %9s  %s", count, time, average,
			 longest, host);
		/* One after the other. */
		if (!strstr(at, want))
			fail_msg("row %zu: no '%s' in:\n%s", i, want, at);
		at = strstr(at, want);
	}
	fixture_expect(&f, "secureprint.jp   ns.secureprint.jp");
	fixture_release(&f);
}

/* Clients of one class with so many refused sessions each. */
static unsigned int add_tries(struct fixture *f, unsigned int clients, unsigned int sessions,
			      uint32_t reasons, unsigned int first)
{
	for (unsigned int i = first; i < first + clients; i++) {
		char address[40];
		uint32_t client;

		snprintf(address, sizeof(address), "10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
		client = fixture_client(f, address, "", true);
		/* A first visit that nothing was refused in makes all of them come twice. */
		fixture_session(f, client, NOON, 1, 0);
		for (unsigned int n = 0; n < sessions; n++)
			fixture_session(f, client, NOON + 100 * (n + 1), 1, reasons);
	}
	return first + clients;
}

/* The table of 7 April 2006, with all of its classes a hundredth as large. */
static void persistence(void **state)
{
	static const unsigned int sessions[6] = {1, 2, 3, 4, 7, 25};
	static const struct {
		uint32_t reasons;
		unsigned int tries[6];
	} classes[] = {
		{1u << REASON_DYNAMIC | SESSION_PERMANENT, {1500, 432, 196, 107, 209, 84}},
		{1u << REASON_BAD_PTR | SESSION_TEMPORARY, {982, 265, 103, 53, 98, 51}},
		{1u << REASON_DNSBL | SESSION_PERMANENT, {208, 80, 38, 26, 51, 18}},
	};
	struct fixture f;
	unsigned int next = 0, twice;

	(void)state;
	fixture_init(&f);
	for (size_t i = 0; i < 3; i++)
		for (size_t j = 0; j < 6; j++)
			next = add_tries(&f, classes[i].tries[j], sessions[j], classes[i].reasons,
					 next);
	/* Seen once, or twice within the gap: not counted. */
	fixture_session(&f, fixture_client(&f, "192.0.2.1", "", true), NOON, 1, 1u << REASON_HELO);
	twice = fixture_client(&f, "192.0.2.2", "", true);
	fixture_session(&f, twice, NOON, 1, 1u << REASON_HELO);
	fixture_session(&f, twice, NOON + 4, 1, 1u << REASON_HELO);
	assert_int_equal(fixture_print(&f, "retries"), 0);
	fixture_expect(&f, "{\"class\": \"all\", \"clients\": 4501, \"tries_1\": 2690, "
			   "\"tries_2\": 777, \"tries_3\": 337, \"tries_4\": 186, "
			   "\"tries_5_10\": 358, \"tries_more\": 153},\n"
			   "      {\"class\": \"dynamic\", \"clients\": 2528, \"tries_1\": 1500,");
	fixture_expect(&f, "{\"class\": \"permanent\", \"clients\": 2949,");
	fixture_expect(&f, "{\"class\": \"temporary\", \"clients\": 1552,");
	fixture_expect(&f, "\"by_list\": []");
	fixture_expect_not(&f, "\"helo\"");
	f.options.gap_s = 4;
	assert_int_equal(fixture_print(&f, "retries"), 0);
	fixture_expect(&f, "{\"class\": \"helo\", \"clients\": 1, \"tries_1\": 0, \"tries_2\": 1,");
	f.options.format = REPORT_TEXT;
	assert_int_equal(fixture_print(&f, "retries"), 0);
	fixture_expect(
		&f, "  bad-ptr          1,552    63%      17%     6.6%     3.4%        6.3%  3.3%");
	fixture_expect(
		&f, "  dnsbl              421    49%      19%       9%     6.2%         12%  4.3%");
	fixture_release(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hourly_traffic),
		cmocka_unit_test(hourly_connections),
		cmocka_unit_test(hosts_by_connections),
		cmocka_unit_test(persistence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
