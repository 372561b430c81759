#ifndef GS_TESTS_DB_LIB_TABLES_H
#define GS_TESTS_DB_LIB_TABLES_H

#include "lib_db.h"
#include "tests/model/lib_play.h"

/* Holds streams, loans, transactions and reputation events against what the
 * play's world knows, row by row, all of them. */
void tables_check(struct db *db, const struct play *play);

#endif
