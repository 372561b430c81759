#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/lib_mapping.h"

/* "getters" of a mapping: what is wrong is refused with what is right, and what
 * a contract answers is read as they say. */

#define FUNCTION ",{'type':'function','name':"
#define BY_ID ",'inputs':[{'name':'id','type':'uint256'}]"
#define NUMBER ",'outputs':[{'name':'','type':'uint256'}]}"
#define SMALL ",'outputs':[{'name':'','type':'uint32'}]}"
#define BOOL ",'outputs':[{'name':'','type':'bool'}]}"

static const char abi_text[] =
    "[{'type':'event','name':'Paid','inputs':["
    "{'name':'id','type':'uint256','indexed':true},"
    "{'name':'sum','type':'uint256','indexed':false}]}"
    /* The getters of a contract, and others. */
    FUNCTION "'jar'" BY_ID ",'outputs':["
    "{'name':'waiter','type':'address'},{'name':'guest','type':'address'},"
    "{'name':'sum','type':'uint256'},{'name':'taken','type':'uint128'},"
    "{'name':'state','type':'uint8'},{'name':'label','type':'string'}]"
    "}" FUNCTION
    "'taken','inputs':[{'name':'id','type':'bytes32'}]" NUMBER FUNCTION
    "'isOver'" BY_ID BOOL FUNCTION "'many','inputs':[]" SMALL FUNCTION
    "'much','inputs':[]" BOOL FUNCTION "'none'" BY_ID ",'outputs':[]}" FUNCTION
    "'two','inputs':[{'name':'a','type':'uint256'},"
    "{'name':'b','type':'uint256'}]" NUMBER FUNCTION
    "'signed','inputs':[{'name':'a','type':'int256'}]" NUMBER FUNCTION
    "'odd'" BY_ID ",'outputs':[{'name':'','type':'ufixed'}]}" FUNCTION
    "'twice'" BY_ID NUMBER FUNCTION
    "'twice','inputs':[{'name':'a','type':'address'}]" NUMBER "]";

#define HEAD                                                                   \
	"{'name':'X','abi':'x.json','events':[{'event':'Paid','is':"           \
	"'EarningsClaimed','fields':{'id':'id','amount':'sum'}}]"
#define GETTERS(list) HEAD ",'getters':{" list "}}"
#define STATUSES(list)                                                         \
	HEAD ",'getters':{'status':'jar.state'},'statuses':" list "}"

static const struct wrong_mapping wrong[] = {
    {HEAD ",'getters':7}", "x.mapping.json, getters: it must be an object"},
    {HEAD ",'statuses':['active']}", "getters: it must be an object"},
    {GETTERS(""), "getters: it names nothing"},
    {GETTERS("'count':'many'"), "getters: it names nothing"},
    {GETTERS("'clamed':'taken'"), "getters: the key \"clamed\" is not known; "
				  "the nearest is \"claimed\""},
    {GETTERS("'repaid':'taken'"), "the key \"repaid\" is not known"},
    {GETTERS("'claimed':7"), "getters.claimed: it takes the name of a "
			     "function, or \"FUNCTION.OUTPUT\""},
    {GETTERS("'claimed':'takn'"), "getters.claimed: the function \"takn\" is "
				  "not known; the nearest is \"taken\""},
    {GETTERS("'claimed':'jar'"), "the function \"jar\" has 6 outputs; write "
				 "\"jar.OUTPUT\""},
    {GETTERS("'claimed':'jar.takn'"), "the output \"takn\" is not known; the "
				      "nearest is \"taken\""},
    {GETTERS("'claimed':'jar.label'"), "the output \"label\" of \"jar\" has "
				       "no word of its own"},
    {GETTERS("'claimed':'none'"), "the function \"none\" returns nothing"},
    {GETTERS("'claimed':'odd'"), "the function \"odd\": a type is not "
				 "canonical"},
    {GETTERS("'claimed':'twice'"), "more than one function of that name; write "
				   "its signature, such as twice(uint256)"},
    {GETTERS("'claimed':'many'"), "the function many() must take the id, a "
				  "uint or bytes32, and nothing else"},
    {GETTERS("'claimed':'two'"), "two(uint256,uint256) must take the id"},
    {GETTERS("'claimed':'signed'"), "signed(int256) must take the id"},
    {GETTERS("'claimed':'jar.waiter'"), "getters.claimed: it takes a uint, "
					"which the output \"waiter\" of "
					"\"jar\" is not"},
    {GETTERS("'worker':'jar.sum'"), "getters.worker: it takes an address"},
    {GETTERS("'status':'jar.guest'"), "getters.status: it takes a uint or "
				      "bool"},
    {GETTERS("'claimed':{'param':'taken','decimals':6}"),
     "the key \"param\" is not known"},
    {GETTERS("'claimed':{'getter':'taken','decimals':25}"),
     "write {\"getter\": NAME, \"decimals\": 0 to 24}"},
    {GETTERS("'worker':{'getter':'jar.waiter','decimals':6}"), "is no amount"},
    {GETTERS("'claimed':'taken','count':7"), "getters.count: it takes the name "
					     "of a function"},
    {GETTERS("'claimed':'taken','count':'taken'"),
     "getters.count: the function taken(bytes32) must take nothing"},
    {GETTERS("'claimed':'taken','count':'much'"), "and return a uint"},
    {GETTERS("'status':'jar.state'"), "statuses: getters.status needs it"},
    {HEAD ",'getters':{'claimed':'taken'},'statuses':['active']}",
     "statuses: it is of no use without getters.status"},
    {STATUSES("'active'"), "statuses: it must be an array of 1 to 32"},
    {STATUSES("[]"), "statuses: it must be an array of 1 to 32"},
    {STATUSES("['activ']"), "statuses: the status \"activ\" is not known; the "
			    "nearest is \"active\""},
    {STATUSES("['repaying']"), "known are active, paused, completed, "
			       "cancelled"},
    {STATUSES("['active',7]"), "one of our words, or null"},
    {"{'name':'X','abi':'x.json','events':[{'event':'Paid','is':'Paused'}],"
     "'getters':{'claimed':'taken'}}",
     "getters: they are of streams, or of loans: the events are of neither"},
    {"{'name':'X','abi':'x.json','events':[{'event':'Paid','is':"
     "'EarningsClaimed','fields':{'id':'id','amount':'sum'}},{'event':'Paid',"
     "'is':'LoanCancelled','fields':{'id':'id'}}],'getters':{'claimed':"
     "'taken'}}",
     "the events are of both"},
};

static void test_wrong(void **state)
{
	(void)state;
	expect_wrong(abi_text, wrong, sizeof(wrong) / sizeof(wrong[0]));
}

static const struct getters *parse_well(struct arena *arena, const char *json)
{
	struct mapping mapping = {0};
	struct fault fault = {0};

	if (parse_mapping(&mapping, arena, abi_text, json, &fault) != OK)
		fail_msg("%s", fault.text);
	return mapping.getters;
}

static enum err take(struct getters_said *said, const struct getters *g,
		     size_t i, uint64_t number, const char **why)
{
	const struct u256 wide = u256_from_u64(number);
	uint8_t word[32];

	u256_to_be(word, &wide);
	return getters_take(said, g, i, (struct bytes){word, 32}, why);
}

static void assert_amount(const struct u256 *amount, uint64_t number)
{
	const struct u256 wide = u256_from_u64(number);

	assert_int_equal(u256_cmp(amount, &wide), 0);
}

/* Functions stand in the order of our names, each once. */
static void test_functions(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	const struct getters *g = parse_well(
	    arena, HEAD ",'getters':{'status':'isOver','claimed':'taken',"
			"'total':'jar.sum','worker':'jar.waiter',"
			"'released':'twice(uint256)','count':'many'},"
			"'statuses':[null,'completed']}");

	(void)state;
	assert_int_equal(g->family, FAMILY_STREAMS);
	assert_string_equal(g->count->name, "many");
	assert_int_equal(g->n_functions, 4);
	assert_string_equal(g->functions[0]->name, "jar");
	assert_string_equal(g->functions[1]->signature, "twice(uint256)");
	assert_string_equal(g->functions[2]->name, "taken");
	assert_string_equal(g->functions[3]->name, "isOver");
	assert_int_equal(g->n, 5);
	assert_string_equal(g->all[0].field->name, "worker");
	assert_string_equal(g->all[1].field->name, "total");
	assert_int_equal(g->all[1].result, 2);
	assert_null(parse_well(arena, HEAD "}"));
	arena_free(arena);
}

static void test_taken(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	const struct getters *g = parse_well(
	    arena, HEAD ",'getters':{'status':'isOver','total':{'getter':"
			"'taken','decimals':18},'count':'many'},"
			"'statuses':[null,'completed']}");
	struct getters_said said = {.status = NULL};
	const char *why = NULL;

	(void)state;
	assert_int_equal(take(&said, g, 0, 3999999999999, &why), OK);
	assert_true(said.has[0]);
	assert_false(said.has[1]);
	assert_amount(&said.amounts[0], 3); /* what is below a unit is left */
	assert_int_equal(take(&said, g, 1, 0, &why), OK);
	assert_false(said.has[1]); /* it says nothing */
	assert_int_equal(take(&said, g, 1, 1, &why), OK);
	assert_true(said.has[1]);
	assert_string_equal(said.status, "completed");
	assert_null(why);
	assert_int_equal(take(&said, g, 1, 2, &why), ERR_SYNTAX);
	assert_string_equal(why, "a bool is neither 0 nor 1");
	arena_free(arena);
}

static void test_not_taken(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	const struct getters *g = parse_well(
	    arena, HEAD ",'getters':{'total':{'getter':'taken','decimals':2},"
			"'status':'twice(uint256)','count':'many'},"
			"'statuses':['active','paused']}");
	struct getters_said said = {.status = NULL};
	uint8_t ones[32];
	struct u256 count;
	const char *why = NULL;

	(void)state;
	memset(ones, 0xff, sizeof(ones));
	assert_int_equal(
	    getters_take(&said, g, 0, (struct bytes){ones, 32}, &why),
	    ERR_SYNTAX);
	assert_string_equal(why, "an amount exceeds 256 bits in our unit");
	assert_int_equal(take(&said, g, 1, 2, &why), ERR_SYNTAX);
	assert_non_null(strstr(why, "its status is none of"));
	assert_int_equal(
	    getters_take(&said, g, 1, (struct bytes){ones, 32}, &why),
	    ERR_SYNTAX);
	assert_int_equal(
	    getters_take(&said, g, 1, (struct bytes){ones, 0}, &why),
	    ERR_SYNTAX);
	assert_string_equal(why, "the data is too short");
	assert_false(getters_take_count(&count, g, (struct bytes){ones, 32}));
	assert_false(getters_take_count(&count, g, (struct bytes){ones, 0}));
	memset(ones, 0, 31);
	assert_true(getters_take_count(&count, g, (struct bytes){ones, 32}));
	assert_amount(&count, 255);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_wrong),
	    cmocka_unit_test(test_functions),
	    cmocka_unit_test(test_taken),
	    cmocka_unit_test(test_not_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
