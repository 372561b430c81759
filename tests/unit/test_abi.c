#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/buf.h"
#include "contracts-abi/abi.h"
#include "embedded/abis.h"

struct vector {
	const char *file, *event;
	uint8_t n_topics;
	size_t data_len;
	const char *topic0;
};

/* Hashes that were not computed by this program: `cast keccak SIGNATURE`, and
 * viem's toEventSelector(); native-coin's are of docs.arc.io, "USDC system
 * events". */
static const struct vector vectors[] = {
#define PS "payment-streaming"
    {PS, "EarningsClaimed", 3, 32,
     "0x36c3f03e14933cba4136cd8ef93804410ae778cac0ba0cf5cd7e6c2d9f114960"},
    {PS, "OwnershipTransferred", 3, 0,
     "0x8be0079c531659141344cd1fd0a4f28419497f9722a3daafe3b4186f6b6457e0"},
    {PS, "Paused", 1, 32,
     "0x62e78cea01bee320cd4e420270b5ea74000d11b0c9f74754ebdbfc544b05a258"},
    {PS, "PaymentReleased", 3, 64,
     "0x8cdc8dc08e54a4e57f52077ecf1b4c508758513439cae2aa325dcc85b922fca8"},
    {PS, "StreamCancelled", 3, 32,
     "0xfeed183d9f143664e4ca27ca57080be96d765ab4bff9d02e3bb0a9b04e149c25"},
    {PS, "StreamCompleted", 2, 32,
     "0x1e4d188f066f35ba19fe01bdab285838c7180330d077cbacb03558f1b15f2325"},
    {PS, "StreamCreated", 4, 96,
     "0x8d3a4d9a98c71920c13665fb97f1a612978391e661f9a17fa5390f60e7424d5c"},
    {PS, "StreamPaused", 3, 0,
     "0xff71f52d9d3ad4ae0959691a14ef1d1478d482ca10ac8be29c8e7d88cf3baba6"},
    {PS, "StreamResumed", 3, 0,
     "0x0dbfa51df8b0b3b2d196641ff6e01b8ad3a3bfea169bbd41f321c0391a3e8973"},
    {PS, "Unpaused", 1, 32,
     "0x5db9ee0a495bf2e6ff9c91a7834c1ba4fdd244a5e8aa4e537bd38aeae4b073aa"},
    {"usdc", "Approval", 3, 32,
     "0x8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925"},
    {"usdc", "AuthorizationCanceled", 3, 0,
     "0x1cdd46ff242716cdaa72d159d339a485b3438398348d68f09d7c8c0a59353d81"},
    {"usdc", "AuthorizationUsed", 3, 0,
     "0x98de503528ee59b575ef0c0a2576a82497bfc029a5685b209e9ec333479b10a5"},
    {"usdc", "Blacklisted", 2, 0,
     "0xffa4e6181777692565cf28528fc88fd1516ea86b56da075235fa575af6a4b855"},
    {"usdc", "BlacklisterChanged", 2, 0,
     "0xc67398012c111ce95ecb7429b933096c977380ee6c421175a71a4a4c6c88c06e"},
    {"usdc", "Burn", 2, 32,
     "0xcc16f5dbb4873280815c1ee09dbd06736cffcc184412cf7a71a0fdb75d397ca5"},
    {"usdc", "MasterMinterChanged", 2, 0,
     "0xdb66dfa9c6b8f5226fe9aac7e51897ae8ee94ac31dc70bb6c9900b2574b707e6"},
    {"usdc", "Mint", 3, 32,
     "0xab8530f87dc9b59234c4623bf917212bb2536d647574c8e7e5da92c2ede0c9f8"},
    {"usdc", "MinterConfigured", 2, 32,
     "0x46980fca912ef9bcdbd36877427b6b90e860769f604e89c0e67720cece530d20"},
    {"usdc", "MinterRemoved", 2, 0,
     "0xe94479a9f7e1952cc78f2d6baab678adc1b772d936c6583def489e524cb66692"},
    {"usdc", "OwnershipTransferred", 1, 64,
     "0x8be0079c531659141344cd1fd0a4f28419497f9722a3daafe3b4186f6b6457e0"},
    {"usdc", "Pause", 1, 0,
     "0x6985a02210a168e66602d3235cb6db0e70f92b3ba4d376a33c0f3d9434bff625"},
    {"usdc", "PauserChanged", 2, 0,
     "0xb80482a293ca2e013eda8683c9bd7fc8347cfdaeea5ede58cba46df502c2a604"},
    {"usdc", "RescuerChanged", 2, 0,
     "0xe475e580d85111348e40d8ca33cfdd74c30fe1655c2d8537a13abc10065ffa5a"},
    {"usdc", "Transfer", 3, 32,
     "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"},
    {"usdc", "UnBlacklisted", 2, 0,
     "0x117e3210bb9aa7d9baff172026820255c6f6c30ba8999d1c2fd88e2848137c4e"},
    {"usdc", "Unpause", 1, 0,
     "0x7805862f689e2f13df9f062ff482ad3ad112aca9e0847911ed832e158c525b33"},
    {"usdc", "AdminChanged", 1, 64,
     "0x7e644d79422f17c01e4894b5f4f588d331ebfa28653d42ae832dc59e38c9798f"},
    {"usdc", "Upgraded", 1, 32,
     "0xbc7cd75a20ee27fd9adebab32041f755214dbc6bffa90cc0225b39da2e5c2d3b"},
    {"micro-loan", "ApproverAdded", 2, 0,
     "0x835bddf1ceee4956e4329af9edf018523c1191238187a597453f6020bcadb042"},
    {"micro-loan", "ApproverRemoved", 2, 0,
     "0xc6e35658c76ecdde40a54f31a91fb7c8615e9893cc0885584b27bb3433270d46"},
    {"micro-loan", "LoanApproved", 2, 64,
     "0x97e1a27395cd6cecae11b16fdb395385346475933c0b8fa76116bc547958c18b"},
    {"micro-loan", "LoanCancelled", 2, 0,
     "0xb71becc91961a6b43bcc5b3b630f3dce02c7fd444cf3738c4f188062b1caf5bc"},
    {"micro-loan", "LoanDefaulted", 2, 32,
     "0xf5c2e2ff5a0aa88c6e9352be55b58e2c44042366ea1a2e7a63b3b8ad3ef36c49"},
    {"micro-loan", "LoanDisbursed", 3, 32,
     "0x0ceeb4503a2fe0b51298a0af21358f3d89e7eab3f65ae2a7835859c3e2c51604"},
    {"micro-loan", "LoanRepaid", 2, 32,
     "0x040cee90ee4799897c30ca04e5feb6fa43dbba9b6d084b4b257cdafd84ba013e"},
    {"micro-loan", "LoanRequested", 3, 32,
     "0x97e04be2fd6414727fe9d0400464568f4384aa8b06264119565ca8f6cc2a4b7a"},
    {"micro-loan", "OwnershipTransferred", 3, 0,
     "0x8be0079c531659141344cd1fd0a4f28419497f9722a3daafe3b4186f6b6457e0"},
    {"micro-loan", "Paused", 1, 32,
     "0x62e78cea01bee320cd4e420270b5ea74000d11b0c9f74754ebdbfc544b05a258"},
    {"micro-loan", "RepaymentMade", 2, 64,
     "0x1ad611755e340443b2da9ad4b0ba6431ca00c2f6bbda5b5bdf5c7306f9ffb84a"},
    {"micro-loan", "Unpaused", 1, 32,
     "0x5db9ee0a495bf2e6ff9c91a7834c1ba4fdd244a5e8aa4e537bd38aeae4b073aa"},
    {"reputation-ledger", "AuthorizedRecorderAdded", 2, 0,
     "0xf534260c3ebdecbe2b624365971bf599dba641712b3dc912e1a1507b5b64277b"},
    {"reputation-ledger", "AuthorizedRecorderRemoved", 2, 0,
     "0xf7fa27d59b7209a11f97257d5818cf8826d97355dc6166a6bfae358a22992f5a"},
    {"reputation-ledger", "DisputeRecorded", 3, 96,
     "0xbdd035020125062beae948662515e4de15825868009f49586be8c892835ddd88"},
    {"reputation-ledger", "OwnershipTransferred", 3, 0,
     "0x8be0079c531659141344cd1fd0a4f28419497f9722a3daafe3b4186f6b6457e0"},
    {"reputation-ledger", "Paused", 1, 32,
     "0x62e78cea01bee320cd4e420270b5ea74000d11b0c9f74754ebdbfc544b05a258"},
    {"reputation-ledger", "TaskRecorded", 3, 96,
     "0xce71e024f934b1f5e8e395de7c97305e9637207598f9dd08d67bd336c6879a24"},
    {"reputation-ledger", "Unpaused", 1, 32,
     "0x5db9ee0a495bf2e6ff9c91a7834c1ba4fdd244a5e8aa4e537bd38aeae4b073aa"},
    {"native-coin", "NativeCoinBurned", 2, 32,
     "0xaaf1ef013644e67c5cea90217acdf0accd334f8437fc9a89a53cfc9b25fb5c25"},
    {"native-coin", "NativeCoinMinted", 2, 32,
     "0xb049859d09b3a7d0189a07db4d4becee1a2aa269023205478b1360ab6fc12114"},
    {"native-coin", "NativeCoinTransferred", 3, 32,
     "0x62f084c00a442dcf51cdbb51beed2839bf42a268da8474b0e98f38edb7db5a22"},
    {"native-coin", "Transfer", 3, 32,
     "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"},
    {"sablier-lockup", "CreateLockupLinearStream", 2, 128,
     "0xc79bd540ef5a04a4ac63a943cd4fb703e8a730be1368c34f4c31bb7142bbdb3a"},
    {"sablier-lockup", "CreateLockupDynamicStream", 2, 64,
     "0x0e7eb51bad11fb6392e8e6cfd568e0750bbaf84bca8bf4dceb9bcae5b46a3311"},
    {"sablier-lockup", "CreateLockupTranchedStream", 2, 64,
     "0xb5286ba059f8139658108ff5a9617e2ba55bd80fb2dd93063f9f9bc0e65c4c2a"},
    {"sablier-lockup", "WithdrawFromLockupStream", 4, 32,
     "0x40b88e5c41c5a97ffb7b6ef88a0a2d505aa0c634cf8a0275cb236ea7dd87ed4d"},
    {"sablier-lockup", "CancelLockupStream", 4, 96,
     "0x5edb27d6c1a327513b90a792050debf074b7194444885e3144d4decc5caaaa50"},
    {"sablier-lockup", "RenounceLockupStream", 2, 0,
     "0x0eb069207093cd3e51cd1370d2d369770057fbe29947e577e5fb428c6c6fc78f"},
    {"sablier-lockup", "Transfer", 4, 0,
     "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"},
    {"llamapay", "StreamCreated", 3, 64,
     "0xbdf2ad452fb5e7123ebc3e977452088bc6ac9aa4c6b807fa043bb65f7dd62810"},
    {"llamapay", "StreamCreatedWithReason", 3, 96,
     "0xf9b31dda66c763701e363e12ac3126c9030e68c82e939dbd42c33a8021e6dda8"},
    {"llamapay", "StreamCancelled", 3, 64,
     "0x6841f88c613e9eedd999a7291168f6d1f83bdd2b2416f98e91c01c19d6d5763a"},
    {"llamapay", "StreamPaused", 3, 64,
     "0xad944a97ab4c0b30123a6c2757ec85eab70d01af114e49d0f0a86c466e32fb4f"},
    {"llamapay", "StreamModified", 4, 128,
     "0x0edc6e7edb775c1fb5a1326f1b041b17e4e1cbfb9ea4a0562920bda1a7d03134"},
    {"llamapay", "Withdraw", 3, 96,
     "0x674faf747e3eea06e0c6346405d01330e029b752733b8ac5cfa9365ed64a496c"},
    {"llamapay", "PayerDeposit", 2, 32,
     "0x3de3aee7860cdac45b499418398cd4bcf1f9952148868b8a6d43ba7729a0bbb5"},
    {"llamapay", "PayerWithdraw", 2, 32,
     "0xb67efc8b8dcfed4c807ecc6c0e5c1234071c787585f1fef08e7cb9a1bc7c7de9"},
    {"sablier-lockup-v2", "CreateLockupLinearStream", 2, 128,
     "0xcf6da1cdefbf0f0870377128cab020f3b9895ce9613b14b933bbd193d764a92e"},
    {"sablier-lockup-v2", "CreateLockupDynamicStream", 2, 64,
     "0x7cb83640a329cb238b531daa26ffca31b59dd7c51020184cb4394ac43a11278c"},
    {"sablier-lockup-v2", "CreateLockupTranchedStream", 2, 64,
     "0x1cb15a39f12b6a349f8d1d45499b7b9df63464a79fa2e294a7237107e62c384f"},
    {"sablier-lockup-v2", "WithdrawFromLockupStream", 4, 32,
     "0x40b88e5c41c5a97ffb7b6ef88a0a2d505aa0c634cf8a0275cb236ea7dd87ed4d"},
    {"sablier-lockup-v2", "CancelLockupStream", 4, 96,
     "0x5edb27d6c1a327513b90a792050debf074b7194444885e3144d4decc5caaaa50"},
    {"sablier-lockup-v2", "RenounceLockupStream", 2, 0,
     "0x0eb069207093cd3e51cd1370d2d369770057fbe29947e577e5fb428c6c6fc78f"},
    {"sablier-lockup-v2", "Transfer", 4, 0,
     "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"},
#undef PS
};

#define N_VECTORS (sizeof(vectors) / sizeof(vectors[0]))

static struct abi parse_file(struct arena *arena, const char *name)
{
	struct fault fault = {0};
	struct abi abi = {0};

	for (const struct embedded *f = embedded_abis; f->name; f++) {
		if (strcmp(f->name, name) != 0)
			continue;
		if (abi_parse(&abi, arena, name, f->text, f->len, &fault))
			fail_msg("%s", fault.text);
		return abi;
	}
	fail_msg("%s is not embedded", name);
	return abi;
}

static void test_shipped_events(void **state)
{
	struct arena *arena = arena_new(1 << 23);
	size_t n = 0;

	(void)state;
	assert_non_null(arena);
	for (size_t i = 0; i < N_VECTORS; i++) {
		const struct vector *v = &vectors[i];
		struct abi abi = parse_file(arena, v->file);
		const struct abi_event *e = abi_event_named(&abi, v->event);
		char text[HASH_TEXT_SIZE];

		assert_non_null(e);
		assert_string_equal(hash_format(text, &e->topic0), v->topic0);
		assert_int_equal(e->n_topics, v->n_topics);
		assert_int_equal(e->data.len, v->data_len);
	}
	for (const struct embedded *f = embedded_abis; f->name; f++)
		if (!strstr(f->name, ".mapping"))
			n += parse_file(arena, f->name).n_events;
	assert_int_equal(n, N_VECTORS);
	arena_free(arena);
}

static void test_parameters(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct abi abi = parse_file(arena, "payment-streaming");
	const struct abi_event *e = abi_event_named(&abi, "StreamCreated");

	(void)state;
	assert_non_null(e);
	assert_string_equal(e->signature,
			    "StreamCreated(uint256,address,address,uint256,"
			    "uint256,uint256)");
	assert_int_equal(e->n_params, 6);
	assert_string_equal(e->params[1].name, "worker");
	assert_int_equal(e->params[1].type.kind, ABI_ADDRESS);
	assert_true(e->params[1].indexed);
	assert_string_equal(e->params[5].name, "releaseInterval");
	assert_int_equal(e->params[5].type.bytes, 32);
	assert_false(e->params[5].indexed);
	assert_null(abi_event_named(&abi, "streamCreated"));
	arena_free(arena);
}

#define INPUT(type, indexed)                                                   \
	"{\"name\":\"x\",\"type\":\"" type "\",\"indexed\":" indexed "}"
#define MEMBER(name, type) "{\"name\":\"" name "\",\"type\":\"" type "\"}"
#define TUPLE(type, members)                                                   \
	"{\"name\":\"t\",\"type\":\"" type                                     \
	"\",\"indexed\":false,\"components\":[" members "]}"
#define EVENT(inputs)                                                          \
	"{\"type\":\"event\",\"name\":\"E\",\"inputs\":[" inputs "]}"

static enum err parse_text(struct arena *arena, const char *json,
			   struct abi *abi)
{
	struct fault fault = {0};
	enum err err =
	    abi_parse(abi, arena, "test", json, strlen(json), &fault);

	assert_int_equal(err, fault.code);
	assert_true(err == OK || fault.text[0] != '\0');
	return err;
}

/* A signature has room for the longest name and the most parameters. */
static void test_long_names(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct abi abi;
	struct buf text;

	(void)state;
	for (size_t len = 256; len <= 257; len++) {
		buf_init(&text, 1 << 16);
		buf_puts(&text, "[{\"type\":\"event\",\"name\":\"");
		for (size_t i = 0; i < len; i++)
			buf_putc(&text, 'E');
		buf_puts(&text, "\",\"inputs\":[" INPUT("address", "true"));
		for (size_t i = 1; i < ABI_MAX_PARAMS; i++)
			buf_puts(&text, "," INPUT("address", "false"));
		buf_puts(&text, "]}]");
		assert_int_equal(parse_text(arena, text.data, &abi),
				 len == 256 ? OK : ERR_SYNTAX);
		buf_free(&text);
	}
	arena_free(arena);
}

static void test_refused_json(void **state)
{
	static const char *const bad[] = {
	    "",
	    "{}",
	    "[",
	    "[{}]",
	    "[{\"type\":\"event\"}]",
	    "[{\"type\":\"event\",\"name\":\"E\"}]",
	    "[{\"type\":\"event\",\"name\":\"E(\",\"inputs\":[]}]",
	    "[{\"type\":\"event\",\"name\":\"\",\"inputs\":[]}]",
	    "[{\"type\":\"event\",\"name\":\"1E\",\"inputs\":[]}]",
	    "[{\"type\":\"event\",\"name\":\"E\",\"inputs\":[],"
	    "\"anonymous\":true}]",
	    "[{\"type\":\"event\",\"type\":\"event\"}]",
	    "[" EVENT("{\"name\":\"x\",\"type\":\"bool\"}") "]",
	    "[" EVENT("7") "]",
	    "[" EVENT(INPUT("bytes0", "false")) "]",
	    "[" EVENT(INPUT("bytes33", "false")) "]",
	    "[" EVENT(INPUT("uint", "false")) "]",
	    "[" EVENT(INPUT("uint0", "false")) "]",
	    "[" EVENT(INPUT("uint08", "false")) "]",
	    "[" EVENT(INPUT("uint12", "false")) "]",
	    "[" EVENT(INPUT("uint264", "false")) "]",
	    "[" EVENT(INPUT("uint99999999999", "false")) "]",
	    "[" EVENT(INPUT("uint256[", "false")) "]",
	    "[" EVENT(INPUT("uint256[0]", "false")) "]",
	    "[" EVENT(INPUT("uint256[01]", "false")) "]",
	    "[" EVENT(INPUT("uint256[]x", "false")) "]",
	    "[" EVENT(INPUT("uint256[99999999]", "false")) "]",
	    "[" EVENT(INPUT("uint256[60000][60000]", "false")) "]",
	    "[" EVENT(INPUT("bool[][][][][][][][][]", "false")) "]",
	    "[" EVENT(INPUT("tuple[]", "false")) "]",
	    "[" EVENT(TUPLE("tuple", "")) "]",
	    "[" EVENT(TUPLE("tuple", "7")) "]",
	    "[" EVENT(TUPLE("tuple", "{\"type\":\"bool\"}")) "]",
	    "[" EVENT(TUPLE("tuple", MEMBER("a", "uint"))) "]",
	    "[" EVENT(INPUT("address payable", "false")) "]",
	    "[" EVENT(INPUT("tuple", "false")) "]",
	    "[" EVENT(INPUT("bool", "true") "," INPUT("bool", "true") "," INPUT(
		"bool", "true") "," INPUT("bool", "true")) "]",
	    "[" EVENT("") "," EVENT("") "]",
	};
	struct arena *arena = arena_new(1 << 20);
	struct abi abi = {.n_events = 77};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (parse_text(arena, bad[i], &abi) != ERR_SYNTAX)
			fail_msg("accepted: %s", bad[i]);
		assert_int_equal(abi.n_events, 77);
	}
	assert_int_equal(parse_text(arena, "[]", &abi), OK);
	assert_int_equal(abi.n_events, 0);
	arena_free(arena);
}

/* No file of a JSON corpus is an ABI with events, whatever else it is. */
static void test_corpus(void **state)
{
	DIR *folder = opendir(CORPORA "/json/test_parsing");
	struct arena *arena = arena_new(1 << 20);
	struct dirent *file;
	size_t n = 0;

	(void)state;
	if (!folder) {
		arena_free(arena);
		print_message("skipped: no corpus in " CORPORA "\n");
		skip();
	}
	while ((file = readdir(folder))) {
		struct fault fault = {0};
		struct abi abi = {0};
		static char text[1 << 20];
		char path[4096];
		FILE *f;
		size_t len;

		snprintf(path, sizeof(path), CORPORA "/json/test_parsing/%s",
			 file->d_name);
		f = file->d_name[0] == '.' ? NULL : fopen(path, "rb");
		if (!f)
			continue;
		len = fread(text, 1, sizeof(text), f);
		fclose(f);
		if (abi_parse(&abi, arena, "corpus", text, len, &fault) != OK)
			assert_int_equal(fault.code, ERR_SYNTAX);
		assert_int_equal(abi.n_events, 0);
		n++;
	}
	closedir(folder);
	arena_free(arena);
	assert_true(n > 100);
}

static void test_arena_exhausted(void **state)
{
	struct abi abi = {.n_events = 77};
	struct arena *arena = arena_new(64);

	(void)state;
	assert_int_equal(
	    parse_text(arena, "[" EVENT(INPUT("bool", "true")) "]", &abi),
	    ERR_NOMEM);
	assert_int_equal(abi.n_events, 77);
	arena_free(arena);
}

/* One unindexed parameter of the type, and a word for it. */
static const char *decode_word(const char *type, const char *hex)
{
	struct arena *arena = arena_new(1 << 16);
	const char *why = NULL;
	struct hash word, words[ABI_MAX_PARAMS];
	struct abi abi;
	char json[256];

	snprintf(json, sizeof(json),
		 "[{\"type\":\"event\",\"name\":\"E\",\"inputs\":[{\"name\":"
		 "\"\",\"type\":\"%s\",\"indexed\":false}]}]",
		 type);
	assert_int_equal(parse_text(arena, json, &abi), OK);
	assert_int_equal(hex_decode(word.b, 32, hex, strlen(hex)), OK);
	if (abi_decode(&abi.events[0], &abi.events[0].topic0, 1,
		       (struct bytes){word.b, 32}, words, &why) == OK)
		assert_memory_equal(words[0].b, word.b, 32);
	else
		assert_non_null(why);
	arena_free(arena);
	return why;
}

#define ZEROS30 "000000000000000000000000000000000000000000000000000000000000"
#define ONES30 "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
#define ZEROS12 "000000000000000000000000"
#define ONES20 "ffffffffffffffffffffffffffffffffffffffff"

static void test_dirty_words(void **state)
{
	(void)state;
	assert_null(decode_word("uint256", ONES30 "ffff"));
	assert_null(decode_word("uint8", ZEROS30 "00ff"));
	assert_non_null(decode_word("uint8", ZEROS30 "0100"));
	assert_null(decode_word("uint128", "00000000000000000000000000000000"
					   "ffffffffffffffffffffffffffffffff"));
	assert_non_null(decode_word("uint248", "01" ZEROS30 "00"));
	assert_null(decode_word("address", ZEROS12 ONES20));
	assert_non_null(
	    decode_word("address", "000000000000000000000001" ONES20));
	assert_non_null(
	    decode_word("address", "800000000000000000000000" ONES20));
	assert_null(decode_word("bool", ZEROS30 "0001"));
	assert_null(decode_word("bool", ZEROS30 "0000"));
	assert_non_null(decode_word("bool", ZEROS30 "0002"));
	assert_non_null(decode_word("bool", ZEROS30 "0100"));
	assert_null(decode_word("int8", ZEROS30 "007f"));
	assert_null(decode_word("int8", ONES30 "ff80"));
	assert_non_null(decode_word("int8", ZEROS30 "0080"));
	assert_non_null(decode_word("int8", ONES30 "ff7f"));
	assert_non_null(decode_word("int8", ONES30 "0080"));
	assert_null(decode_word("int256", "80" ZEROS30 "00"));
	assert_null(decode_word("bytes32", ONES30 "ffff"));
	assert_null(decode_word("bytes2", "ffff" ZEROS30));
	assert_non_null(decode_word("bytes1", "ffff" ZEROS30));
	assert_non_null(decode_word("bytes31", ONES30 "ff01"));
}

/* The head of a log: `a` is a number, `t` a tuple with a text in it, `list` an
 * array of pairs. Encoded by hand after the Solidity ABI specification. */
#define NESTED                                                                   \
	"[" EVENT(                                                               \
	    "{\"name\":\"a\",\"type\":\"uint8\",\"indexed\":false},"             \
	    "{\"name\":\"s\",\"type\":\"string\",\"indexed\":true}," TUPLE(      \
		"tuple",                                                         \
		MEMBER("who", "address") "," MEMBER(                             \
		    "text",                                                      \
		    "string") ","                                                \
			      "{\"name\":\"in\",\"type\":\"tuple\","             \
			      "\"components\":[" MEMBER("x", "bool") "," MEMBER( \
				  "y",                                           \
				  "int8") "]}") ","                              \
						"{\"name\":\"list\",\"type\":"   \
						"\"tuple[]\",\"indexed\":"       \
						"false,"                         \
						"\"components\":[" MEMBER(       \
						    "p",                         \
						    "uint8") "," MEMBER("q",     \
									"byte"   \
									"s") "]}") "]"
#define BYTE(hex) ZEROS30 "00" hex

/* Each word of the log; offsets are from where the sequence begins. */
static const char *const nested[] = {
    BYTE("07"),			   /* a */
    BYTE("60"),			   /* t begins at 3 words */
    ZEROS30 "0120",		   /* list at 9 */
    ZEROS12 ONES20,		   /* t.who */
    BYTE("80"),			   /* t.text: 4 words into t */
    BYTE("01"),			   /* t.in.x */
    ONES30 "ffff",		   /* t.in.y: -1 */
    BYTE("02"),			   /* two bytes of text */
    "6869" ZEROS30,		   /* "hi" */
    BYTE("02"),			   /* two elements */
    BYTE("40"),			   /* the first: 2 words into the elements */
    BYTE("a0"),			   /* the second: at 5 */
    BYTE("01"),			   /* p */
    BYTE("40"),			   /* q */
    BYTE("00"),			   /* no bytes */
    BYTE("02"),	       BYTE("40"), /* p, q */
    BYTE("01"),			   /* one byte */
    "ff" ZEROS30 "00",
};
#define N_NESTED (sizeof(nested) / sizeof(nested[0]))

static void fill_nested(uint8_t *data)
{
	for (size_t i = 0; i < N_NESTED; i++)
		assert_int_equal(
		    hex_decode(data + 32 * i, 32, nested[i], strlen(nested[i])),
		    OK);
}

static void parse_nested(struct arena *arena, struct abi *abi)
{
	static const char *const names[] = {
	    "a", "s", "t.who", "t.text", "t.in.x", "t.in.y", "list"};
	const struct abi_event *e;

	assert_int_equal(parse_text(arena, NESTED, abi), OK);
	e = &abi->events[0];
	assert_string_equal(e->signature,
			    "E(uint8,string,(address,string,(bool,int8)),"
			    "(uint8,bytes)[])");
	assert_int_equal(e->n_params, 7);
	for (size_t i = 0; i < 7; i++)
		assert_string_equal(e->params[i].name, names[i]);
	assert_true(abi_is_word(&e->params[2]));
	assert_false(abi_is_word(&e->params[1]));
	assert_false(abi_is_word(&e->params[3]));
	assert_false(abi_is_word(&e->params[6]));
	assert_true(e->data.dynamic);
	assert_int_equal(e->data.len, 96);
	assert_ptr_equal(abi_event_named(abi, e->signature), e);
}

static void test_nested(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct hash words[ABI_MAX_PARAMS], topics[2] = {{{0}}, {{0x5a}}};
	uint8_t data[32 * N_NESTED];
	const char *why = NULL;
	struct abi abi;

	(void)state;
	parse_nested(arena, &abi);
	fill_nested(data);
	topics[0] = abi.events[0].topic0;
	if (abi_decode(&abi.events[0], topics, 2,
		       (struct bytes){data, sizeof(data)}, words, &why) != OK)
		fail_msg("%s", why);
	assert_int_equal(words[0].b[31], 7);
	assert_int_equal(words[1].b[0], 0x5a);
	assert_memory_equal(words[2].b, data + 32 * 3, 32);
	assert_int_equal(words[4].b[31], 1);
	assert_int_equal(words[5].b[31], 0xff);
	arena_free(arena);
}

/* Any other length, and any other word where the shape is said or padding is,
 * makes it no log of the event; and nothing is read beyond the data. */
static void test_nested_misshapen(void **state)
{
	static const size_t shape[] = {1,  2,  4,  5,  7,  9,
				       10, 11, 13, 14, 16, 17};
	static const size_t offsets[] = {1, 2, 4, 10, 11, 13, 16};
	struct arena *arena = arena_new(1 << 20);
	struct hash words[ABI_MAX_PARAMS], topics[2] = {{{0}}};
	uint8_t data[32 * (N_NESTED + 1)] = {0};
	struct bytes log = {data, 32 * N_NESTED};
	const char *why = NULL;
	struct abi abi;

	(void)state;
	parse_nested(arena, &abi);
	topics[0] = abi.events[0].topic0;
	fill_nested(data);
	for (log.len = 0; log.len <= sizeof(data); log.len++)
		assert_int_equal(
		    abi_decode(&abi.events[0], topics, 2, log, words, &why),
		    log.len == 32 * N_NESTED ? OK : ERR_SYNTAX);
	log.len = 32 * N_NESTED;
	for (size_t i = 0; i < sizeof(shape) / sizeof(shape[0]); i++)
		for (int byte = 0; byte < 31; byte++) {
			fill_nested(data);
			data[32 * shape[i] + (size_t)byte] ^= 0x80;
			assert_int_equal(abi_decode(&abi.events[0], topics, 2,
						    log, words, &why),
					 ERR_SYNTAX);
		}
	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		fill_nested(data); /* to another word than its value's */
		data[32 * offsets[i] + 31] ^= 0x20;
		assert_int_equal(
		    abi_decode(&abi.events[0], topics, 2, log, words, &why),
		    ERR_SYNTAX);
	}
	for (size_t byte = 2; byte < 32; byte++) { /* the padding of "hi" */
		fill_nested(data);
		data[32 * 8 + byte] = 1;
		assert_int_equal(
		    abi_decode(&abi.events[0], topics, 2, log, words, &why),
		    ERR_SYNTAX);
	}
	arena_free(arena);
}

static void test_wrong_shape(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct abi abi = parse_file(arena, "usdc");
	const struct abi_event *e = abi_event_named(&abi, "Transfer");
	struct hash words[ABI_MAX_PARAMS], before[ABI_MAX_PARAMS];
	struct hash topics[4] = {e->topic0};
	uint8_t data[64] = {0};
	const char *why = NULL;

	(void)state;
	memset(words, 0x5a, sizeof(words));
	memcpy(before, words, sizeof(words));
	for (size_t n = 0; n <= 4; n++)
		for (size_t len = 0; len <= sizeof(data); len++) {
			if (n == 3 && len == 32)
				continue;
			why = NULL;
			assert_int_equal(abi_decode(e, topics, n,
						    (struct bytes){data, len},
						    words, &why),
					 ERR_SYNTAX);
			assert_non_null(why);
		}
	topics[0].b[31] ^= 1;
	assert_int_equal(
	    abi_decode(e, topics, 3, (struct bytes){data, 32}, words, &why),
	    ERR_SYNTAX);
	assert_memory_equal(words, before, sizeof(words));
	topics[0].b[31] ^= 1;
	assert_int_equal(
	    abi_decode(e, topics, 3, (struct bytes){data, 32}, words, &why),
	    OK);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_shipped_events),
	    cmocka_unit_test(test_parameters),
	    cmocka_unit_test(test_refused_json),
	    cmocka_unit_test(test_long_names),
	    cmocka_unit_test(test_corpus),
	    cmocka_unit_test(test_arena_exhausted),
	    cmocka_unit_test(test_dirty_words),
	    cmocka_unit_test(test_wrong_shape),
	    cmocka_unit_test(test_nested),
	    cmocka_unit_test(test_nested_misshapen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
