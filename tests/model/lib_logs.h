#ifndef GS_TESTS_MODEL_LOGS_H
#define GS_TESTS_MODEL_LOGS_H

#include "tests/unit/lib_script.h"

/* Any event of any contract, by its signature. */

struct hash word_of(struct u256 v);
struct hash word_of_u64(uint64_t v);
struct hash word_of_address(struct address a);

void log_words(struct script *s, struct address contract, const char *signature,
	       size_t n_topics, const struct hash *words, size_t n_words);
/* The words of its arguments; the first n_topics of them are topics. */
#define LOG_EVENT(s, contract, signature, n_topics, ...)                       \
	log_words(s, contract, signature, n_topics,                            \
		  (const struct hash[]){__VA_ARGS__},                          \
		  sizeof((const struct hash[]){__VA_ARGS__}) /                 \
		      sizeof(struct hash))

#endif
