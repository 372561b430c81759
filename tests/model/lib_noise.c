#include "tests/model/lib_contracts.h"
#include "tests/unit/lib_books.h"

#include <string.h>

/* A log of a contract that is followed, which does not decode. */
static void log_malformed(struct world *w, struct address address,
			  const char *signature, const struct hash *words,
			  size_t n_topics, size_t n_words)
{
	world_mark(w, MARK_MALFORMED);
	log_raw(&w->script, &address, signature, words, n_topics, n_words);
}

static void look_alike(struct world *w, const struct call *c)
{
	struct address impostor = wallet_of(WHO_IMPOSTOR);
	struct address a = wallet_of(c->a), b = wallet_of(c->b);
	struct u256 id = u256_from_u64(c->id);

	log_transfer(&w->script, impostor, b, a, c->amount);
	if (c->duration % 2)
		log_created(&w->script, impostor, id, a, b, c->amount,
			    u256_from_u64((uint64_t)c->duration),
			    u256_from_u64((uint64_t)c->interval));
	else
		log_claimed(&w->script, impostor, id, a, c->amount);
}

void noise(struct world *w, const struct call *c)
{
	struct address contract = wallet_of(c->contract);
	struct hash words[4] = {{{0}}}, dirty[2] = {{{0}}};
	const char *transfer = "Transfer(address,address,uint256)";

	memset(dirty[1].b, 0xff, sizeof(dirty[1].b));
	switch (c->duration % 6) {
	case 0: /* as of a token that cannot be divided */
		log_malformed(w, TOKEN, transfer, words, 3, 3);
		break;
	case 1: /* no amount */
		log_malformed(w, TOKEN, transfer, words, 2, 2);
		break;
	case 2: /* too long */
		log_malformed(w, contract,
			      "EarningsClaimed(uint256,address,uint256)", words,
			      2, 4);
		break;
	case 3: /* more than an address */
		log_malformed(w, contract, "StreamPaused(uint256,address)",
			      dirty, 2, 2);
		break;
	case 4: /* nobody follows it */
		log_raw(&w->script, &contract, "Surprise(uint256)", words, 0,
			1);
		break;
	default:
		look_alike(w, c);
		break;
	}
}
