#include "tests/unit/lib_cast.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

void cast_init(struct cast *cast)
{
	const struct {
		struct address address;
		const char *abi;
	} contracts[CAST_CONTRACTS] = {
	    {STREAMS, "PaymentStreaming"}, {STREAMS2, "PaymentStreaming"},
	    {LOANS, "MicroLoan"},	   {REPUTATION, "ReputationLedger"},
	    {LOCKUP, "SablierLockup"},	   {OPEN, "LlamaPay"},
	};
	const struct address natives[] = {EMITTER, AUTHORITY};
	struct address token = TOKEN;
	struct fault fault = {0};

	*cast = (struct cast){.fee_wallets = {FEES}};
	assert_int_equal(catalog_new(&cast->catalog, &fault), OK);
	assert_int_equal(catalog_add(cast->catalog, &token, "USDC", &fault),
			 OK);
	for (size_t i = 0; i < CAST_CONTRACTS; i++) {
		cast->contracts[i] = contracts[i].address;
		assert_int_equal(catalog_add(cast->catalog, &cast->contracts[i],
					     contracts[i].abi, &fault),
				 OK);
	}
	for (size_t i = 0; i < sizeof(natives) / sizeof(*natives); i++)
		assert_int_equal(catalog_add(cast->catalog, &natives[i],
					     "NativeCoin", &fault),
				 OK);
	cast->rules = (struct reconcile_rules){
	    .token = token,
	    .fee_wallets = cast->fee_wallets,
	    .n_fee_wallets = 1,
	    .contracts = cast->contracts,
	    .n_contracts = CAST_CONTRACTS,
	    .catalog = cast->catalog,
	};
}

void cast_free(struct cast *cast)
{
	catalog_free(cast->catalog);
}
