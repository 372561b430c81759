#include "tests/model/lib_logs.h"

#include <string.h>

struct hash word_of(struct u256 v)
{
	struct hash h;

	u256_to_be(h.b, &v);
	return h;
}

struct hash word_of_u64(uint64_t v)
{
	return word_of(u256_from_u64(v));
}

struct hash word_of_address(struct address a)
{
	struct hash h = {{0}};

	memcpy(h.b + 12, a.b, sizeof(a.b));
	return h;
}

void log_words(struct script *s, struct address contract, const char *signature,
	       size_t n_topics, const struct hash *words, size_t n_words)
{
	log_raw(s, &contract, signature, words, n_topics, n_words);
}
