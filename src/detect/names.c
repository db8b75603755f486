/*
 * Names that strangers guess: see names.h. The lists are sorted; first names are
 * those most frequent in several languages.
 */
#include "detect/names.h"

#include <stdlib.h>
#include <string.h>

#define NAME_LENGTH_MAX 15

static const char guessed_users[][NAME_LENGTH_MAX + 1] = {
	"adm",	     "admin",	   "administrator", "backup", "demo",	  "ftp",      "git",
	"guest",     "monitor",	   "mysql",	    "nagios", "nobody",	  "operator", "oracle",
	"postgres",  "postmaster", "root",	    "server", "service",  "smtp",     "spam",
	"sys",	     "sysadmin",   "system",	    "test",   "teste",	  "tester",   "testing",
	"testuser",  "tomcat",	   "ubuntu",	    "user",   "username", "web",      "webadmin",
	"webmaster", "www",	   "www-data"};

/* clang-format off */
static const char dictionary[][NAME_LENGTH_MAX + 1] = {
	"aaron", "abby", "abdul", "abe", "abel", "abigail", "abuse", "account", "accounting",
	"accounts", "adam", "admin", "administrator", "adrian", "ahmed", "aileen", "alan",
	"albert", "alberto", "alejandro", "alex", "alexander", "alexandra", "alexis", "alfred",
	"ali", "alice", "alicia", "alison", "allan", "allen", "alma", "alvin", "amanda", "amber",
	"amelia", "amy", "ana", "anders", "andre", "andrea", "andreas", "andres", "andrew",
	"andy", "angel", "angela", "angie", "anita", "ann", "anna", "anne", "annette", "annie",
	"anthony", "antonio", "april", "arnold", "art", "arthur", "ashley", "audrey", "backup",
	"barb", "barbara", "barry", "bart", "beatrice", "becky", "ben", "benjamin", "bernard",
	"beth", "betty", "beverly", "bill", "billing", "billy", "bob", "bobby", "bonnie", "brad",
	"brandon", "brenda", "brent", "brett", "brian", "bruce", "bruno", "bryan", "caleb",
	"calvin", "cameron", "career", "careers", "carl", "carla", "carlos", "carmen", "carol",
	"caroline", "carolyn", "casey", "catherine", "cathy", "cecilia", "chad", "charles",
	"charlie", "charlotte", "cheryl", "chloe", "chris", "christian", "christina", "christine",
	"christopher", "cindy", "claire", "clara", "clark", "claude", "claudia", "clay", "cliff",
	"cody", "colin", "connie", "contact", "contacts", "corey", "craig", "cristina", "curt",
	"curtis", "customer", "customerservice", "cynthia", "daisy", "dale", "dan", "dana",
	"daniel", "daniela", "danny", "darren", "dave", "david", "dawn", "dean", "debbie",
	"deborah", "debra", "demo", "denise", "dennis", "derek", "diana", "diane", "diego", "don",
	"donald", "donna", "doris", "dorothy", "doug", "douglas", "duane", "dustin", "dylan",
	"earl", "ed", "eddie", "edgar", "edith", "eduardo", "edward", "eileen", "elaine",
	"eleanor", "elena", "eli", "elizabeth", "ellen", "emily", "emma", "enquiries", "enquiry",
	"eric", "erica", "erik", "erin", "ernest", "esther", "ethan", "eugene", "eva", "evan",
	"evelyn", "feedback", "felix", "fernando", "finance", "florence", "frances", "francis",
	"francisco", "francois", "frank", "frankie", "fred", "frederick", "ftp", "gabriel",
	"gail", "gary", "gene", "george", "gerald", "gilbert", "gina", "giovanni", "glen",
	"glenn", "gloria", "gordon", "grace", "greg", "gregory", "guest", "gustavo", "guy",
	"hannah", "hans", "harold", "harry", "harvey", "heather", "hector", "heidi", "helen",
	"hello", "help", "helpdesk", "henry", "herbert", "holly", "hostmaster", "howard", "hr",
	"hugh", "hugo", "ian", "ida", "igor", "info", "ingrid", "inquiry", "irene", "iris",
	"isaac", "isabel", "ivan", "jack", "jackie", "jackson", "jacob", "jacqueline", "jaime",
	"jake", "james", "jamie", "jan", "jane", "janet", "janice", "jasmine", "jason", "javier",
	"jay", "jean", "jeff", "jeffrey", "jennifer", "jenny", "jeremy", "jerry", "jesse",
	"jessica", "jesus", "jill", "jim", "jimmy", "joan", "joanna", "joanne", "jobs", "joe",
	"joel", "johan", "johanna", "john", "johnny", "jon", "jonathan", "jordan", "jorge",
	"jose", "joseph", "joshua", "joy", "joyce", "juan", "juanita", "judith", "judy", "julia",
	"julian", "julie", "june", "justin", "karen", "karin", "karl", "kate", "katherine",
	"kathleen", "kathy", "katie", "kay", "keith", "kelly", "ken", "kenneth", "kent", "kevin",
	"kim", "kimberly", "kirk", "klaus", "kontakt", "kristen", "kristin", "kurt", "kyle",
	"lance", "larry", "lars", "laura", "lauren", "laurie", "lawrence", "leah", "lee", "leo",
	"leon", "leonard", "leslie", "lewis", "lily", "linda", "lisa", "lloyd", "logan", "lois",
	"lori", "louis", "louise", "lucas", "lucia", "lucy", "luis", "luke", "lynn", "madison",
	"mail", "mailbox", "mailer", "manager", "manuel", "marc", "marcel", "marco", "marcus",
	"margaret", "maria", "marie", "marilyn", "mario", "marion", "mark", "marketing", "marta",
	"martha", "martin", "marty", "mary", "mathew", "matt", "matthew", "maureen", "max",
	"maxim", "media", "megan", "melanie", "melissa", "michael", "michel", "michelle",
	"miguel", "mike", "milton", "miriam", "mitch", "mohamed", "mohammed", "molly", "monica",
	"monika", "morris", "nancy", "naomi", "natalie", "nathan", "neil", "nelson", "news",
	"newsletter", "nicholas", "nick", "nicolas", "nicole", "nina", "nobody", "noc", "nora",
	"noreply", "norma", "norman", "office", "olga", "oliver", "olivia", "operator", "order",
	"orders", "oscar", "otto", "owen", "pablo", "pam", "pamela", "pat", "patricia", "patrick",
	"paul", "paula", "pedro", "peggy", "penny", "perry", "pete", "peter", "phil", "philip",
	"philippe", "phillip", "phyllis", "pierre", "postmaster", "press", "rachel", "ralph",
	"ramon", "randy", "raul", "ray", "raymond", "rebecca", "regina", "renee", "rhonda",
	"ricardo", "rich", "richard", "rick", "ricky", "rita", "rob", "robert", "roberta",
	"roberto", "robin", "rodney", "roger", "roland", "ron", "ronald", "root", "rosa", "rose",
	"ross", "roy", "russell", "ruth", "ryan", "sabine", "sales", "sally", "sam", "samantha",
	"samuel", "sandra", "sandy", "sara", "sarah", "scott", "sean", "sebastian", "security",
	"sergey", "sergio", "server", "service", "seth", "shannon", "sharon", "shawn", "sheila",
	"shirley", "shop", "simon", "smtp", "sofia", "sonia", "sophia", "sophie", "spam", "stacy",
	"staff", "stan", "stanley", "stefan", "stella", "stephanie", "stephen", "steve", "steven",
	"stuart", "sue", "support", "susan", "suzanne", "sylvia", "sys", "sysadmin", "system",
	"tamara", "tammy", "tanya", "tara", "team", "tech", "ted", "teresa", "terry", "test",
	"tester", "testing", "theresa", "thomas", "tiffany", "tim", "timothy", "tina", "todd",
	"tom", "tommy", "toni", "tony", "tracy", "travis", "trevor", "tyler", "ursula", "user",
	"username", "valerie", "vanessa", "vera", "vernon", "veronica", "vicki", "victor",
	"victoria", "vincent", "viola", "virginia", "vivian", "vladimir", "wade", "walter",
	"wanda", "warren", "wayne", "web", "webmaster", "welcome", "wendy", "wesley", "will",
	"william", "willie", "wolfgang", "www", "yolanda", "yvonne", "zachary", "zoe",
};
/* clang-format on */

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* USER in small letters without digits at its end, as a string; false if it is too long. */
static bool plain_name(struct view user, char plain[static NAME_LENGTH_MAX + 1])
{
	while (user.len > 1 && user.ptr[user.len - 1] >= '0' && user.ptr[user.len - 1] <= '9')
		user.len--;
	if (user.len == 0 || user.len > NAME_LENGTH_MAX)
		return false;
	for (size_t i = 0; i < user.len; i++) {
		char c = user.ptr[i];

		plain[i] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
	}
	plain[user.len] = '\0';
	return true;
}

bool names_is_guessed_user(struct view user)
{
	char plain[NAME_LENGTH_MAX + 1];

	return plain_name(user, plain) &&
	       bsearch(plain, guessed_users, sizeof(guessed_users) / sizeof(guessed_users[0]),
		       sizeof(guessed_users[0]), compare);
}

bool names_is_dictionary(struct view user)
{
	char plain[NAME_LENGTH_MAX + 1];

	return plain_name(user, plain) &&
	       bsearch(plain, dictionary, sizeof(dictionary) / sizeof(dictionary[0]),
		       sizeof(dictionary[0]), compare);
}
