#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "contracts-abi/catalog.h"
#include "tests/unit/lib_mapping.h"

/* Mappings that are wrong are refused with what is right; those that are right
 * say what they say. */

#define EVENT "{'type':'event','name':"
#define ID "{'name':'id','type':'uint256','indexed':true}"
#define SUM "{'name':'sum','type':'uint256','indexed':false}"

static const char abi_text[] =
    "[" EVENT "'Opened','inputs':[" ID ","
    "{'name':'who','type':'address','indexed':true},"
    "{'name':'by','type':'address','indexed':true}," SUM ","
    "{'name':'till','type':'uint40','indexed':false}]}," EVENT
    "'Paid','inputs':[" ID ","
    "{'name':'coin','type':'address','indexed':true}," SUM "]}," EVENT
    "'Noted','inputs':[" ID ","
    "{'name':'text','type':'string','indexed':false}]}," EVENT
    "'Twice','inputs':[{'name':'id','type':'uint256','indexed':false}]}," EVENT
    "'Twice','inputs':[{'name':'id','type':'uint8','indexed':false}]}]";

#define HEAD "{'name':'X','abi':'x.json','events':["
#define TAIL "]}"
#define CREATED                                                                \
	"{'event':'Opened','is':'StreamCreated','fields':{'id':'id',"          \
	"'worker':'who','platform':'by','amount':'sum','end':'till'}}"
#define FIELDS(more)                                                           \
	HEAD "{'event':'Paid','is':'EarningsClaimed','fields':{'id':'id'" more \
	     "}}" TAIL
#define PAID(more)                                                             \
	HEAD "{'event':'Paid','is':'EarningsClaimed','fields':{'id':'id',"     \
	     "'amount':'sum'}" more "}" TAIL

static const struct wrong_mapping wrong[] = {
    {"{'name':", "x.mapping.json, line 1"},
    {"[]", "not a JSON object"},
    {"{'name':'X','nmae':'Y'}", "the key \"nmae\" is not known; the nearest "
				"is \"name\""},
    {"{'name':'X'}", "\"abi\": the file of its ABI"},
    {"{'name':7,'abi':'x.json'}", "\"name\" must be a text"},
    {"{'name':'X','abi':'y.json','events':[]}", "no file y.json"},
    {"{'name':'X','abi':'x.json'}", "\"events\" must be an array of 1 to 64"},
    {HEAD TAIL, "\"events\" must be an array of 1 to 64"},
    {"{'name':'X','abi':'x.json','traits':['open_end'],'events':[" CREATED "]}",
     "the trait \"open_end\" is not known; the nearest is \"open_ended\""},
    {"{'name':'X','abi':'x.json','traits':'open_ended','events':[" CREATED "]}",
     "\"traits\" must be an array"},
    {HEAD "7" TAIL, "events[0] (?)"},
    {HEAD "{'event':'Paid'}" TAIL, "\"is\", a kind of ours"},
    {HEAD CREATED ",{'event':'Pad','is':'EarningsClaimed'}" TAIL,
     "events[1] (Pad): the event \"Pad\" is not known; the nearest is "
     "\"Paid\""},
    {HEAD "{'event':'Paid','is':'EarningClaimed'}" TAIL,
     "the kind \"EarningClaimed\" is not known; the nearest is "
     "\"EarningsClaimed\""},
    {HEAD "{'event':'Twice','is':'LoanCancelled','fields':{'id':'id'}}" TAIL,
     "more than one event of that name; write its signature, such as "
     "Twice(uint256)"},
    {PAID(",'monney':'after'"), "the nearest is \"money\""},
    {PAID(",'money':'later'"), "\"before\" the event, \"after\" it"},
    {PAID(",'only_if':{'coin':'@us'}"), "write \"@token\""},
    {PAID(",'only_if':{'sum':'@token'}"), "only an address can be"},
    {PAID(",'only_if':{'cion':'@token'}"), "the nearest is \"coin\""},
    {PAID(",'only_if':7"), "\"only_if\" must be an object"},
    {FIELDS(""), "EarningsClaimed needs the field \"amount\""},
    {FIELDS(",'amont':'sum'"), "the nearest is \"amount\""},
    {FIELDS(",'amount':'sun'"), "the nearest is \"sum\""},
    {FIELDS(",'amount':'coin'"), "takes a uint or bytes32, which the "
				 "parameter \"coin\" is not"},
    {FIELDS(",'amount':-1"), "takes the name of a parameter, or a number"},
    {FIELDS(",'amount':'sum','to':'sum'"), "takes an address"},
    {FIELDS(",'amount':'sum','to':7"), "takes the name of a parameter"},
    {FIELDS(",'amount':'@contract'"), "the parameter \"@contract\""},
    {FIELDS(",'amount':'sum','end':'sum'"), "has no field \"end\""},
    {FIELDS(",'amount':{'param':'sum'}"), "\"decimals\": 0 to 24"},
    {FIELDS(",'amount':{'param':'sum','decimals':25}"), "0 to 24"},
    {FIELDS(",'amount':{'param':'sum','decimal':6}"), "\"decimals\""},
    {HEAD "{'event':'Paid','is':'LoanCancelled','fields':{'id':{'param':"
	  "'id','decimals':6}}}" TAIL,
     "is no amount"},
    {HEAD "{'event':'Noted','is':'LoanCancelled','fields':{'id':'text'}}" TAIL,
     "has no word of its own"},
    {HEAD "{'event':'Opened','is':'StreamCreated','fields':{'id':'id',"
	  "'worker':'who','platform':'by','amount':'sum'}}" TAIL,
     "\"duration\" or \"end\", and not both"},
    {HEAD "{'event':'Opened','is':'StreamCreated','fields':{'id':'id',"
	  "'worker':'who','platform':'by','amount':'sum','end':'till',"
	  "'duration':'till'}}" TAIL,
     "and not both"},
    {HEAD CREATED "," CREATED "," CREATED "," CREATED "," CREATED TAIL,
     "one event means at most 4 of ours"},
};

static void test_wrong(void **state)
{
	(void)state;
	expect_wrong(abi_text, wrong, sizeof(wrong) / sizeof(wrong[0]));
}

static struct mapping parse_well(struct arena *arena, const char *text)
{
	struct mapping mapping = {0};
	struct fault fault = {0};

	if (parse_mapping(&mapping, arena, abi_text, text, &fault))
		fail_msg("%s", fault.text);
	return mapping;
}

static const struct address contract = {{0xcc}}, token = {{0x70}};

static struct hash number(uint64_t n)
{
	struct u256 wide = u256_from_u64(n);
	struct hash word;

	u256_to_be(word.b, &wide);
	return word;
}

static struct hash wallet(const struct address *address)
{
	struct hash word = {{0}};

	memcpy(word.b + 12, address->b, sizeof(address->b));
	return word;
}

static enum err apply(const struct mapping *mapping, size_t entry,
		      const struct hash *words, struct event *event)
{
	const char *why = NULL;
	enum err err = mapping_apply(event, mapping, &mapping->entries[entry],
				     words, &contract, &token, &why);

	assert_true((err == ERR_RANGE) == (why != NULL));
	return err;
}

static void assert_amount(const struct event *event, uint64_t amount)
{
	struct u256 wide = u256_from_u64(amount);

	assert_int_equal(u256_cmp(&event->amount, &wide), 0);
}

static void test_fields(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct mapping mapping = parse_well(
	    arena, "{'name':'X','abi':'x.json','traits':['ids_return',"
		   "'claims_release'],'token_getter':'coin','events':[" CREATED
		   ",{'event':'Paid','is':'EarningsClaimed','money':'after',"
		   "'fields':{'id':7,'amount':'sum','to':'@contract'}}]}");
	struct address who = {{1}}, by = {{2}};
	struct hash words[ABI_MAX_PARAMS] = {
	    number(9), wallet(&who), wallet(&by), number(500), number(99)};
	struct event event;

	(void)state;
	assert_string_equal(mapping.name, "X");
	assert_string_equal(mapping.token_getter, "coin");
	assert_int_equal(apply(&mapping, 0, words, &event), OK);
	assert_int_equal(event.kind, EVENT_STREAM_CREATED);
	assert_int_equal(event.money, MONEY_BEFORE);
	assert_int_equal(event.traits, TRAIT_IDS_RETURN | TRAIT_CLAIMS_RELEASE);
	assert_true(address_eq(&event.worker, &who));
	assert_true(address_eq(&event.platform, &by));
	assert_amount(&event, 500);
	assert_true(event.end.w[0] == 99 && u256_is_zero(&event.duration));
	words[2] = number(400);
	assert_int_equal(apply(&mapping, 1, words, &event), OK);
	assert_int_equal(event.money, MONEY_AFTER);
	assert_true(event.id.w[0] == 7);
	assert_true(address_eq(&event.to, &contract));
	assert_amount(&event, 400);
	arena_free(arena);
}

static void test_conditions(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct mapping mapping = parse_well(
	    arena, PAID(",'only_if':{'coin':'@token','id':'@nonzero'}"));
	struct hash words[ABI_MAX_PARAMS] = {number(1), wallet(&token),
					     number(5)};
	struct event event;

	(void)state;
	assert_int_equal(apply(&mapping, 0, words, &event), OK);
	words[0] = number(0);
	assert_int_equal(apply(&mapping, 0, words, &event), ERR_MISSING);
	words[0] = number(1);
	words[1] = wallet(&contract);
	assert_int_equal(apply(&mapping, 0, words, &event), ERR_MISSING);
	arena_free(arena);
}

static void test_decimals(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct mapping mapping = parse_well(
	    arena, HEAD "{'event':'Paid','is':'EarningsClaimed','fields':{'id':"
			"'id','amount':{'param':'sum','decimals':18}}},"
			"{'event':'Paid','is':'EarningsClaimed','fields':{'id':"
			"'id','amount':{'param':'sum','decimals':2}}}" TAIL);
	struct hash words[ABI_MAX_PARAMS] = {number(1), number(0),
					     number(3999999999999)};
	struct event event;

	(void)state;
	assert_int_equal(apply(&mapping, 0, words, &event), OK);
	assert_amount(&event, 3); /* what is below a unit is left out */
	assert_int_equal(event.part, 0);
	words[2] = number(15);
	assert_int_equal(apply(&mapping, 1, words, &event), OK);
	assert_amount(&event, 150000);
	assert_int_equal(event.part, 1);
	assert_ptr_equal(mapping.entries[0].next, &mapping.entries[1]);
	assert_null(mapping.entries[1].next);
	memset(words[2].b, 0xff, sizeof(words[2].b));
	assert_int_equal(apply(&mapping, 1, words, &event), ERR_RANGE);
	arena_free(arena);
}

static void write_file(const char *path, const char *text, size_t len)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static void expect_add(const char *path, enum err err, const char *says)
{
	struct catalog *catalog = NULL;
	struct fault fault = {0};
	const char *getter;

	assert_int_equal(catalog_new(&catalog, &fault), OK);
	assert_int_equal(catalog_add(catalog, &contract, path, &fault), err);
	assert_int_equal(fault.code, err);
	getter = catalog_token_getter(catalog, &contract);
	if (err == OK)
		assert_string_equal(getter, says);
	else if (!strstr(fault.text, says))
		fail_msg("%s", fault.text);
	catalog_free(catalog);
}

static void test_files(void **state)
{
	static char large[(1 << 20) + 1];
	char folder[] = "/tmp/gigstream-mapping-XXXXXX";
	char mapping[64], abi[64], json[2048];

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(mapping, sizeof(mapping), "%s/own.json", folder);
	snprintf(abi, sizeof(abi), "%s/x.json", folder);
	expect_add(mapping, ERR_USAGE, "own.json cannot be opened");
	quoted(json, sizeof(json),
	       "{'name':'USDC','abi':'x.json','token_getter':'coin','events':"
	       "[" CREATED "]}");
	write_file(mapping, json, strlen(json));
	expect_add(mapping, ERR_USAGE, "x.json cannot be opened");
	quoted(json, sizeof(json), abi_text);
	write_file(abi, json, strlen(json));
	expect_add(mapping, OK, "coin");
	write_file(abi, "[7]", 3);
	expect_add(mapping, ERR_USAGE, "ABI x.json: an entry without a type");
	memset(large, ' ', sizeof(large));
	write_file(abi, large, sizeof(large));
	expect_add(mapping, ERR_USAGE, "larger than 1048576 bytes");
	write_file(mapping, "{", 1);
	expect_add(mapping, ERR_USAGE, "own.json, line 1");
	expect_add(folder, ERR_USAGE, "is a directory");
	expect_add("LamaPay", ERR_USAGE, "the nearest is LlamaPay");
	assert_int_equal(unlink(mapping), 0);
	assert_int_equal(unlink(abi), 0);
	assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_wrong),      cmocka_unit_test(test_fields),
	    cmocka_unit_test(test_conditions), cmocka_unit_test(test_decimals),
	    cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
