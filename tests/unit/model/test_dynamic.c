/* Names of home lines: as providers give them, and names of mail servers that are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "model/dynamic.h"

struct row {
	const char *name, *address;
};

/* Providers' forms, all over the world. */
static const struct row home_lines[] = {
	{"p54a1b2c3.dip0.t-ipconnect.de", "84.161.178.195"},
	{"pD9E1B2C3.dip.t-dialin.net", "217.225.178.195"},
	{"dslb-084-063-012-034.084.063.pools.vodafone-ip.de", "84.63.12.34"},
	{"ip-037-024-115-007.um08.pools.vodafone-ip.de", "37.24.115.7"},
	{"ipbcc12345.dynamic.kabel-deutschland.de", "188.193.35.69"},
	{"xdsl-78-34-12-56.netcologne.de", "78.34.12.56"},
	{"88.240.12.34.dynamic.ttnet.com.tr", "88.240.12.34"},
	{"dynamic-adsl-78-12-34-56.clienti.tiscali.it", "78.12.34.56"},
	{"host123-45-dynamic.12-87-r.retail.telecomitalia.it", "87.12.45.123"},
	{"abcd-1-123-45.w90-12.abo.wanadoo.fr", "90.12.34.45"},
	{"lns-bzn-34-82-250-1-2.adsl.proxad.net", "82.250.1.2"},
	{"12.34.56.78.rev.sfr.net", "78.56.34.12"},
	{"host86-1-22-33.range86-1.btcentralplus.com", "86.1.22.33"},
	{"cpc1-cmbg17-2-0-cust123.5-4.cable.virginm.net", "82.1.2.3"},
	{"c-71-193-12-34.hsd1.or.comcast.net", "71.193.12.34"},
	{"cpe-76-167-12-34.socal.res.rr.com", "76.167.12.34"},
	{"pool-71-182-12-34.pitbpa.fios.verizon.net", "71.182.12.34"},
	{"adsl-99-12-34-56.dsl.stl2mo.sbcglobal.net", "99.12.34.56"},
	{"ip68-1-2-3.ph.ph.cox.net", "68.1.2.3"},
	{"12-237-128-54.client.attbi.com", "12.237.128.54"},
	{"CPE0018f8c1d2e3-CM001225d8e4f6.cpe.net.cable.rogers.com", "99.231.1.2"},
	{"bas1-toronto12-1176012345.dsl.bell.ca", "70.24.131.57"},
	{"cpe-58-164-12-34.vic.bigpond.net.au", "58.164.12.34"},
	{"114-36-12-34.dynamic-ip.hinet.net", "114.36.12.34"},
	{"p1234-ipngn100101osakakita.osaka.ocn.ne.jp", "122.17.1.2"},
	{"nttkyo123456.tkyo.nt.ftth.ppp.infoweb.ne.jp", "125.2.3.4"},
	{"i118-17-12-34.s41.a027.ap.plala.or.jp", "118.17.12.34"},
	{"softbank126001002003.bbtec.net", "126.1.2.3"},
	{"KD106180012034.ppp-bb.dion.ne.jp", "106.180.12.34"},
	{"177-12-34-56.user.veloxzone.com.br", "177.12.34.56"},
	{"b1020304.virtua.com.br", "177.2.3.4"},
	{"189.12.34.56.user3p.brasiltelecom.net.br", "189.12.34.56"},
	{"200-123-45-67.speedy.com.ar", "200.123.45.67"},
	{"dsl-189-128-12-34-dyn.prod-infinitum.com.mx", "189.128.12.34"},
	{"customer-189-216-12-34.cablevision.net.mx", "189.216.12.34"},
	{"190-12-34-56.dynamic.etb.net.co", "190.12.34.56"},
	{"pc-12-34-86-200.cm.vtr.net", "200.86.34.12"},
	{"ppp91-76-12-34.pppoe.mtu-net.ru", "91.76.12.34"},
	{"broadband-46-188-12-34.ip.moscow.rt.ru", "46.188.12.34"},
	{"178-123-45-67-dynamic.mts-nn.ru", "178.123.45.67"},
	{"abcd123.neoplus.adsl.tpnet.pl", "83.1.2.3"},
	{"89-64-12-34.dynamic.chello.pl", "89.64.12.34"},
	{"adsl.viettel.vn", "171.224.1.2"},
	{"dynamic-ip-adsl.viettel.vn", "117.0.1.2"},
	{"123.45.67.89.dynamic.viettel.vn", "123.45.67.89"},
	{"node-abc.pool-125-24.dynamic.totinternet.net", "125.24.1.2"},
	{"mx-ll-171.98.12-34.dynamic.3bb.co.th", "171.98.12.34"},
	{"abts-north-dynamic-034.12.161.122.airtelbroadband.in", "122.161.12.34"},
	{"triband-mum-59.182.12.34.mtnl.net.in", "59.182.12.34"},
	{"ti0123a400-1234.bb.online.no", "85.164.1.2"},
	{"90-224-12-34-no31.tbcn.telia.com", "90.224.12.34"},
	{"a91-152-12-34.elisa-laajakaista.fi", "91.152.12.34"},
	{"dsl-hkibng12-54f8a1-23.dhcp.inet.fi", "84.248.161.35"},
	{"1-2-3-4.ftth.glasoperator.nl", "4.3.2.1"},
	{"ip565f1a2b.adsl-surfen.hetnet.nl", "86.95.26.43"},
	{"77.12-34-56.adsl-dyn.isp.belgacom.be", "77.12.34.56"},
	{"12.34.56.77.dynamic.wline.res.cust.swisscom.ch", "77.56.34.12"},
	{"chello084112012034.12.11.vie.surfer.at", "84.112.12.34"},
	{"catv-89-132-12-34.catv.broadband.hu", "89.132.12.34"},
	{"adsl-dyn12.78-99-34.t-com.sk", "78.99.34.12"},
	{"ppp079166012034.access.hol.gr", "79.166.12.34"},
	{"bl12-34-56.dsl.telepac.pt", "85.245.34.56"},
	{"12.red-83-34-56.dynamicip.rima-tde.net", "83.34.56.12"},
	{"5ad1a2b3.bb.sky.com", "90.209.162.179"},
	{"mobile-166-137-12-34.mycingular.net", "166.137.12.34"},
	{"dialup-4.12.34.56.dial1.denver1.level3.net", "4.12.34.56"},
	{"user-0c8h1ab.cable.mindspring.com", "24.1.2.3"},
	{"host-213-179-12-34.customer.m-online.net", "213.179.12.34"},
	{"196-210-12-34.dynamic.isadsl.co.za", "196.210.12.34"},
	{"41-132-12-34.dsl.mweb.co.za", "41.132.12.34"},
	{"bzq-79-176-12-34.red.bezeqint.net", "79.176.12.34"},
	{"2-1-0-c.dyn.example.net", "192.0.2.12"},
	{"1249769027.example.net", "74.125.246.67"},
	{"2a02-8388-1-2-3-4-5-6.cable.dynamic.v6.surfer.at", "2a02:8388:1:2:3:4:5:6"},
	{"2001-db8-0-1--5.v6.example.net", "2001:db8:0:1::5"},
	{"20010db8000000010000000000000005.v6.example.net", "2001:db8:0:1::5"},
	{"5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.rev.example.net",
	 "2001:db8:0:1::5"},
	{"p200300e1234567890000000000000001.dip0.t-ipconnect.de", "2003:e1:2345:6789::1"},
};

/* Servers, fixed lines, hired machines, and words that mean something else. */
static const struct row others[] = {
	{"mail-wr1-f41.google.com", "209.85.221.41"},
	{"mail-db5eur01on0054.outbound.protection.outlook.com", "104.47.2.54"},
	{"sonic312-24.consmr.mail.ne1.yahoo.com", "74.6.128.86"},
	{"a8-29.smtp-out.amazonses.com", "54.240.8.29"},
	{"o1.ptr1234.sendgrid.net", "167.89.12.34"},
	{"mout.kundenserver.de", "212.227.126.131"},
	{"mo4-p00-ob.smtp.rzone.de", "81.169.146.160"},
	{"mx1.example.com", "192.0.2.1"},
	{"mx-192-0-2-1.example.com", "192.0.2.1"},
	{"mail.192-0-2-1.example.com", "192.0.2.1"},
	{"smtp-pool1.example.net", "192.0.2.1"},
	{"smtpout12.dsl.example.net", "192.0.2.1"},
	{"mailout-192-0-2-1.isp.example", "192.0.2.1"},
	{"relay3.dialup.example.net", "192.0.2.3"},
	{"static-72-12-34-56.nwrk.east.verizon.net", "72.12.34.56"},
	{"72-12-34-56-static.hfc.comcastbusiness.net", "72.12.34.56"},
	{"12.34.56.78.static.ttnet.com.tr", "78.56.34.12"},
	{"static.34.12.201.138.clients.your-server.de", "138.201.12.34"},
	{"p5b012345.static.t-ipconnect.de", "91.1.35.69"},
	{"ec2-54-12-34-56.compute-1.amazonaws.com", "54.12.34.56"},
	{"34.12.56.78.bc.googleusercontent.com", "1.2.3.4"},
	{"vps-1a2b3c4d.vps.ovh.net", "51.75.12.34"},
	{"server-13-32-12-34.fra50.r.cloudfront.net", "13.32.12.34"},
	{"li123-45.members.linode.com", "139.162.12.45"},
	{"ns3012345.ip-51-75-12.eu", "51.75.12.34"},
	{"lists.debian.org", "82.195.75.100"},
	{"bendel.debian.org", "82.195.75.100"},
	{"mailman.ietf.org", "50.223.129.194"},
	{"out1-smtp.messagingengine.com", "66.111.4.25"},
	{"vger.kernel.org", "23.128.96.18"},
	{"client.example.com", "192.0.2.1"},
	{"mobile.example.org", "192.0.2.1"},
	{"home.example.org", "192.0.2.1"},
	{"host1.example.com", "192.0.2.1"},
	{"node3.example.com", "192.0.2.3"},
	{"customer.dsl.net", "192.0.2.1"},
	{"www.broadband.co.uk", "192.0.2.1"},
	{"zeus.cable.nl", "192.0.2.1"},
	{"dialup.com", "192.0.2.1"},
	{"pool.ntp.org", "192.0.2.1"},
	{"mx.dynamic.example.net", "192.0.2.1"},
	{"mta-70-12-34-56.sparkpostmail.com", "70.12.34.56"},
	{"bounce-12345.newsletter.example", "192.0.2.1"},
	{"server12.hosting.example.net", "192.0.2.12"},
	{"web123.dedicated.example.net", "192.0.2.1"},
	{"sipgate-a.telekom.example", "192.0.2.1"},
	{"ucsd-dynamics.physics.example.edu", "192.0.2.1"},
	{"dslab.cs.example.edu", "192.0.2.1"},
	{"cablegate.example.com", "192.0.2.1"},
	{"poolside-hotel.example.com", "192.0.2.1"},
	{"dhcpd-review.example.com", "192.0.2.1"},
	{"10-20-30-40.example.com", "192.0.2.1"},
	{"2001-db8-ffff--25.example.com", "2001:db8:0:1::25"},
	{"localhost", "192.0.2.1"},
	{"", "192.0.2.1"},
	{".", "192.0.2.1"},
	{"...", "192.0.2.1"},
	{"192.0.2.1", "192.0.2.1"},
};

static bool judge(const struct row *row)
{
	struct ip ip;

	assert_true(ip_parse(view_string(row->address), &ip));
	return dynamic_name(view_string(row->name), &ip);
}

static void check(const struct row *rows, size_t count, bool expected)
{
	size_t wrong = 0;

	for (size_t i = 0; i < count; i++)
		if (judge(&rows[i]) != expected) {
			print_message("%s of %s\n", rows[i].name, rows[i].address);
			wrong++;
		}
	assert_int_equal(wrong, 0);
}

static void are_home_lines(void **state)
{
	(void)state;
	check(home_lines, sizeof(home_lines) / sizeof(*home_lines), true);
}

static void are_none(void **state)
{
	(void)state;
	check(others, sizeof(others) / sizeof(*others), false);
}

/* Names as long as the DNS allows, and longer; any bytes. */
static void hostile(void **state)
{
	char name[300];
	struct ip ip;

	(void)state;
	assert_true(ip_parse(VIEW("192.0.2.1"), &ip));
	memset(name, 'a', sizeof(name));
	assert_false(dynamic_name(view_of(name, 253), &ip));
	assert_false(dynamic_name(view_of(name, sizeof(name)), &ip));
	memset(name, '1', sizeof(name));
	assert_false(dynamic_name(view_of(name, 253), &ip));
	for (size_t i = 0; i < 253; i++)
		name[i] = (char)(i * 7);
	dynamic_name(view_of(name, 253), &ip);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(are_home_lines),
		cmocka_unit_test(are_none),
		cmocka_unit_test(hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
