#include "daemon/command/wallet.h"

/* What the configuration already knows the address as; NULL: nothing. */
static const char *role_of(const struct address *address,
			   const struct config *config)
{
	static const char *const contracts[] = {
	    [ROLE_STREAMING] = "a streaming contract (contracts.streaming)",
	    [ROLE_LOANS] = "a loan contract (contracts.loans)",
	    [ROLE_REPUTATION] = "a reputation contract (contracts.reputation)",
	};

	if (address_is_zero(address))
		return "the zero address, which nobody owns";
	if (address_eq(address, &config->contracts.usdc))
		return "the USDC token itself (contracts.usdc)";
	for (size_t i = 0; i < config->contracts.n; i++)
		if (address_eq(address, &config->contracts.items[i].address))
			return contracts[config->contracts.items[i].role];
	for (size_t i = 0; i < config->n_fee_wallets; i++)
		if (address_eq(address, &config->fee_wallets[i]))
			return "a fee wallet (fee_wallets)";
	return NULL;
}

enum err wallet_accept(struct address *out, const char *text,
		       const struct config *config, struct fault *fault)
{
	char checksum[ADDRESS_TEXT_SIZE];
	struct address address;
	const char *role;

	if (address_accept(&address, text, config->accept_unchecksummed,
			   fault) != OK) {
		fault->code = ERR_USAGE;
		return ERR_USAGE;
	}
	role = role_of(&address, config);
	if (role)
		return fault_set(fault, ERR_CONFLICT,
				 "%s cannot be registered as a wallet: it is "
				 "%s; give the address that pays or is paid",
				 address_checksum(checksum, &address), role);
	*out = address;
	return OK;
}
