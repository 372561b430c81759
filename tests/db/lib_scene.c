#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib_scene.h"

static struct u256 max_u256(void)
{
	return (struct u256){{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
}

void scene_make(struct scene *s, uint8_t branch)
{
	memset(s, 0, sizeof(*s));
	s->blocks[0] = block_of(10, 1, false);
	s->blocks[1] = block_of(11, branch, true);
	s->event = event_of(place_of(11, branch, 7, 1), 1);
	s->transfer =
	    transfer_of(place_of(11, branch, 7, 0), 0x55, 0x33, max_u256());
	s->transfer.has_sender = true;
	s->transfer.sender = address_of(0x55);
	s->transfer.nonce = UINT64_MAX;
	s->transfer.dust = 999999999999;
	s->payout = payout_of(&s->transfer, 0xa1);
	s->payout.stream = (struct object_ref){shop_contract, u256_from_u64(1)};
	s->stream = stream_of(1, 0xb1);
	s->stream.released = u256_from_u64(500000);
	s->stream.claimed = u256_from_u64(400000);
	s->stream.refunded = u256_from_u64(300000);
	s->stream.next_release_at = 5060;
	s->stream.paused_at = 5001;
	s->stream.completed_at = 5002;
	s->stream.cancelled_at = 5003;
	s->malformed = (struct quarantine_row){
	    .at = place_of(11, branch, 8, 5),
	    .contract = shop_contract,
	    .n_topics = 1,
	    .topics = {hash_of(9)},
	    .reason = "short data: \"\\quoted\"",
	};
	s->transitions[0] = (struct transition_row){.subject = SUBJECT_STREAM,
						    .from = -1,
						    .to = STREAM_ACTIVE,
						    .reason = "StreamCreated",
						    .block_number = 11,
						    .block_time = 11000};
	s->transitions[1] = (struct transition_row){.from = -1,
						    .to = STATUS_SUBMITTED,
						    .reason = "Transfer",
						    .block_number = 11,
						    .block_time = 11000};
	s->yes[0] = true;
	s->facts = (struct facts){s->blocks,	2, &s->event,	  1,
				  &s->transfer, 1, &s->malformed, 1};
	s->changes = (struct changes){.streams = &s->stream,
				      .stream_is_new = s->yes,
				      .n_streams = 1,
				      .transactions = &s->payout,
				      .transaction_is_new = s->yes,
				      .n_transactions = 1,
				      .transitions = s->transitions,
				      .n_transitions = 2};
}

struct store_commit scene_commit_of(const struct scene *s)
{
	return (struct store_commit){.facts = &s->facts,
				     .changes = &s->changes,
				     .sources = &shop_token,
				     .n_sources = 1,
				     .from = 10,
				     .to = 11,
				     .verified_by = "receipts",
				     .head = 12,
				     .head_time = 12000};
}

void scene_begin(struct shop *shop, const struct facts *facts)
{
	if (shop_begin(shop, facts) != OK)
		fail_msg("%s", shop->db.fault.text);
}

void scene_commit(struct shop *shop, struct store_commit commit)
{
	if (shop_commit(shop, commit) != OK)
		fail_msg("%s", shop->db.fault.text);
}

void scene_play(struct shop *shop, struct scene *scene, uint8_t branch)
{
	scene_make(scene, branch);
	scene_begin(shop, &scene->facts);
	scene_commit(shop, scene_commit_of(scene));
}
