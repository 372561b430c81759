#include "tests/model/lib_contracts.h"

/* Few numbers, so that what it says contradicts itself again and again. */
#define PER_ID 4
#define AMOUNTS 4

static void move_some(struct world *w, unsigned from, unsigned to,
		      struct u256 amount)
{
	if (token_can_move(w, from, to, &amount))
		token_move(w, from, to, amount, (struct why){.cause = BY_HAND});
}

static void say(struct world *w, const struct call *c, struct u256 id,
		struct u256 amount, struct u256 sum)
{
	const struct u256 endless = {{0, 0, 0, 1ull << 62}};
	struct address self = wallet_of(WHO_STREAMS2);
	struct address a = wallet_of(c->a), b = wallet_of(c->b);
	struct script *s = &w->script;

	switch (c->interval % 9) {
	case 0:
	case 1:
		log_created(s, self, id, a, b, sum,
			    c->duration % 7 ? u256_from_u64(60) : endless,
			    u256_from_u64(60));
		break;
	case 2:
	case 3:
		log_released(s, self, id, a, amount, sum);
		break;
	case 4:
		log_claimed(s, self, id, a, amount);
		break;
	case 5:
		log_paused(s, self, id, b);
		break;
	case 6:
		log_resumed(s, self, id, b);
		break;
	case 7:
		log_cancelled(s, self, id, b, sum);
		break;
	default:
		log_completed(s, self, id, sum);
		break;
	}
}

void hostile(struct world *w, const struct call *c)
{
	struct u256 id = u256_from_u64(c->id / PER_ID);
	struct u256 amount = u256_from_u64(c->amount.w[0] % AMOUNTS);
	struct u256 sum = u256_from_u64(c->amount.w[0] % (2 * AMOUNTS));

	if (c->duration % 2)
		move_some(w, c->b, WHO_STREAMS2, sum);
	if (c->duration % 3)
		move_some(w, WHO_STREAMS2, c->a, amount);
	if (c->duration % 5 == 0)
		move_some(w, WHO_STREAMS2, c->b, sum);
	say(w, c, id, amount, sum);
}
