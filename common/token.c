#include "common/token.h"

#include "common/jws.h"
#include <inttypes.h>
#include <jansson.h>
#include <string.h>
#include <time.h>

#define ISSUER "gigstream"
#define TIME_MAX 253402300799 /* the end of the year 9999 */

static const char *const audiences[] = {
    [TOKEN_WORKER] = "worker",
    [TOKEN_PLATFORM] = "platform",
};

const char *token_audience_name(enum token_audience audience)
{
	return audiences[audience];
}

const char *token_time(char text[TOKEN_TIME_SIZE], int64_t time)
{
	time_t seconds = (time_t)time;
	struct tm tm = {.tm_mday = 1};

	(void)gmtime_r(&seconds, &tm);
	if (strftime(text, TOKEN_TIME_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		text[0] = '\0';
	return text;
}

static struct bytes key_bytes(const struct secret_key *key)
{
	return (struct bytes){key->b, sizeof(key->b)};
}

static bool are_times(int64_t issued, int64_t expires)
{
	return issued >= 0 && expires <= TIME_MAX && expires > issued &&
	       expires - issued <= TOKEN_TTL_MAX;
}

enum err token_make(char text[TOKEN_SIZE], const struct secret_key *key,
		    enum token_audience audience, const struct uuid *subject,
		    int64_t now, int64_t ttl, struct fault *fault)
{
	char payload[TOKEN_SIZE], jws[JWS_SIZE];
	char sub[UUID_TEXT_SIZE], jti[UUID_TEXT_SIZE];
	struct uuid id;
	enum err err;

	if (now < 0 || now > TIME_MAX || ttl > TOKEN_TTL_MAX ||
	    !are_times(now, now + ttl) || uuid_is_nil(subject))
		return fault_set(fault, ERR_BUG, "no token can say that");
	err = uuid_v7(&id, (uint64_t)now * 1000);
	if (err != OK)
		return fault_set(fault, err, "the system has no random bytes");
	/* Nothing here needs JSON's escapes. */
	(void)snprintf(payload, sizeof(payload),
		       "{\"iss\":\"" ISSUER "\",\"sub\":\"%s\",\"aud\":\"%s\","
		       "\"iat\":%" PRId64 ",\"exp\":%" PRId64
		       ",\"jti\":\"%s\"}",
		       uuid_format(sub, subject), audiences[audience], now,
		       now + ttl, uuid_format(jti, &id));
	err = jws_sign(jws, key_bytes(key), payload, fault);
	if (err == OK && strlen(jws) > TOKEN_MAX)
		err = fault_set(fault, ERR_BUG, "a token is too long");
	if (err == OK)
		strcpy(text, jws);
	explicit_bzero(jws, sizeof(jws));
	return err;
}

/* RFC 9562, 5.7. */
static bool is_v7(const struct uuid *id)
{
	return id->b[6] >> 4 == 7 && id->b[8] >> 6 == 2;
}

static bool read_audience(enum token_audience *out, const char *name)
{
	for (size_t i = 0; i < sizeof(audiences) / sizeof(audiences[0]); i++) {
		if (strcmp(audiences[i], name) != 0)
			continue;
		*out = (enum token_audience)i;
		return true;
	}
	return false;
}

static enum err not_ours(struct fault *fault)
{
	return fault_set(fault, ERR_SYNTAX,
			 "the token is refused: what it says is not what a "
			 "token of gigstreamd says");
}

/* Signed with our key, but perhaps not by this program. */
static enum err read_claims(struct token *out, json_t *claims,
			    struct fault *fault)
{
	const char *iss, *sub, *aud, *jti;
	json_int_t iat, exp;
	struct token token;

	/* "!": and nothing else */
	if (json_unpack(claims, "{s:s, s:s, s:s, s:I, s:I, s:s !}", "iss", &iss,
			"sub", &sub, "aud", &aud, "iat", &iat, "exp", &exp,
			"jti", &jti) != 0 ||
	    uuid_parse(&token.subject, sub) != OK ||
	    uuid_is_nil(&token.subject) || uuid_parse(&token.id, jti) != OK ||
	    !is_v7(&token.id) || !are_times(iat, exp))
		return not_ours(fault);
	if (strcmp(iss, ISSUER) != 0 || !read_audience(&token.audience, aud))
		return fault_set(fault, ERR_CONFLICT,
				 "the token is refused: it is for something "
				 "else, or of another issuer");
	token.issued = iat;
	token.expires = exp;
	*out = token;
	return OK;
}

static enum err check_time(const struct token *token, int64_t now,
			   struct fault *fault)
{
	char text[TOKEN_TIME_SIZE];

	if (now >= token->expires)
		return fault_set(fault, ERR_EXPIRED,
				 "the token has expired at %s: sign in again",
				 token_time(text, token->expires));
	if (token->issued - TOKEN_LEEWAY > now)
		return fault_set(fault, ERR_NOT_YET,
				 "the token is refused: it was issued at %s, "
				 "which is in the future: compare the clocks",
				 token_time(text, token->issued));
	return OK;
}

static enum err open_payload(char payload[JWS_SIZE], size_t *len,
			     const char *text, const struct secret_key *key,
			     struct fault *fault)
{
	struct fault inner = {.code = OK};
	enum err err;

	if (strnlen(text, TOKEN_SIZE) > TOKEN_MAX)
		return fault_set(fault, ERR_SYNTAX,
				 "the token is refused: it is longer than %d "
				 "characters",
				 TOKEN_MAX);
	err = jws_open(payload, len, key_bytes(key), text, &inner);
	if (err != OK)
		return fault_set(fault, err, "the token is refused: %s",
				 inner.text);
	/* One header leaves nothing to choose (RFC 8725, 3.1 and 3.11). */
	if (strncmp(text, JWS_HEADER, strlen(JWS_HEADER)) != 0)
		return fault_set(fault, ERR_SYNTAX,
				 "the token is refused: its header is not "
				 "{\"alg\":\"HS256\",\"typ\":\"JWT\"}");
	return OK;
}

enum err token_read(struct token *out, const char *text,
		    const struct secret_key *key, int64_t now,
		    struct fault *fault)
{
	char payload[JWS_SIZE];
	struct token token;
	json_t *claims;
	size_t len = 0;
	enum err err = open_payload(payload, &len, text, key, fault);

	if (err != OK)
		return err;
	claims = json_loadb(payload, len, JSON_REJECT_DUPLICATES, NULL);
	err = claims ? read_claims(&token, claims, fault) : not_ours(fault);
	json_decref(claims);
	if (err == OK)
		err = check_time(&token, now, fault);
	if (err == OK)
		*out = token;
	return err;
}
