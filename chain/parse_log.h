#ifndef GS_CHAIN_PARSE_LOG_H
#define GS_CHAIN_PARSE_LOG_H

#include "chain/fields.h"
#include "contracts-abi/catalog.h"

/* What receipts and eth_getLogs share: address, topics and data of the log
 * that f stands on. Data is copied into arena. */
void parse_raw_log(struct fields *f, struct raw_log *log, struct arena *arena);

#endif
