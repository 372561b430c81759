#ifndef GS_CHAIN_REDACT_H
#define GS_CHAIN_REDACT_H

/* Makes what a node said fit to be shown: control characters become blanks,
 * what is no UTF-8 question marks, and every part of url (user, password,
 * host, path, query) of REDACT_LEAST bytes or more, of which any may be a key,
 * is overwritten with asterisks; so is, at the end of text, a beginning of that
 * length, since text may be cut. */
#define REDACT_LEAST 6
void redact(char *text, const char *url);

#endif
