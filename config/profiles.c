#include "config/profiles.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/nearest.h"

/* Addresses: developers.circle.com, "USDC contract addresses"; Arc's of
 * docs.arc.io, "Contract addresses". What verify can be: OP's chains have
 * receipts of type 0x7e, Arbitrum's of 0x64 and above, Polygon's leave those of
 * its state sync out of receiptsRoot (0xPolygon/bor pull request 1710), and
 * Avalanche's headers have a field of their own. */
const struct chain_profile chain_profiles[] = {
    {.name = "arc",
     .title = "Arc",
     .id = 5042,
     .usdc = "0x3600000000000000000000000000000000000000",
     .verify = "receipts",
     .instant = true,
     .natives = {"0xffffFFFfFFffffffffffffffFfFFFfffFFFfFFfE",
		 "0x1800000000000000000000000000000000000000"}},
    {.name = "arc-testnet",
     .title = "Arc testnet",
     .id = 5042002,
     .usdc = "0x3600000000000000000000000000000000000000",
     .verify = "receipts",
     .instant = true,
     .natives = {"0xffffFFFfFFffffffffffffffFfFFFfffFFFfFFfE",
		 "0x1800000000000000000000000000000000000000"}},
    {.name = "ethereum",
     .title = "Ethereum",
     .id = 1,
     .usdc = "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48",
     .verify = "receipts"},
    {.name = "sepolia",
     .title = "Ethereum Sepolia",
     .id = 11155111,
     .usdc = "0x1c7D4B196Cb0C7B01d743Fbc6116a902379C7238",
     .verify = "receipts"},
    {.name = "base",
     .title = "Base",
     .id = 8453,
     .usdc = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913",
     .verify = "bloom"},
    {.name = "base-sepolia",
     .title = "Base Sepolia",
     .id = 84532,
     .usdc = "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
     .verify = "bloom"},
    {.name = "arbitrum",
     .title = "Arbitrum One",
     .id = 42161,
     .usdc = "0xaf88d065e77c8cC2239327C5EDb3A432268e5831",
     .verify = "bloom"},
    {.name = "arbitrum-sepolia",
     .title = "Arbitrum Sepolia",
     .id = 421614,
     .usdc = "0x75faf114eafb1BDbe2F0316DF893fd58CE46AA4d",
     .verify = "bloom"},
    {.name = "optimism",
     .title = "OP Mainnet",
     .id = 10,
     .usdc = "0x0b2C639c533813f4Aa9D7837CAf62653d097Ff85",
     .verify = "bloom"},
    {.name = "optimism-sepolia",
     .title = "OP Sepolia",
     .id = 11155420,
     .usdc = "0x5fd84259d66Cd46123540766Be93DFE6D43130D7",
     .verify = "bloom"},
    {.name = "polygon",
     .title = "Polygon PoS",
     .id = 137,
     .usdc = "0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359",
     .verify = "bloom"},
    {.name = "polygon-amoy",
     .title = "Polygon Amoy",
     .id = 80002,
     .usdc = "0x41E94Eb019C0762f9Bfcf9Fb1E58725BfB0e7582",
     .verify = "bloom"},
    {.name = "avalanche",
     .title = "Avalanche C-Chain",
     .id = 43114,
     .usdc = "0xB97EF9Ef8734C71904D8002F8b6Bc66Dd9c48a6E",
     .verify = "off",
     .instant = true},
    {.name = "avalanche-fuji",
     .title = "Avalanche Fuji",
     .id = 43113,
     .usdc = "0x5425890298aed601595a70AB815c96711a31Bc65",
     .verify = "off",
     .instant = true},
};

const size_t n_chain_profiles =
    sizeof(chain_profiles) / sizeof(chain_profiles[0]);

/* They say that they are USDC and log the same Transfer, but Circle issued
 * none of them. */
static const struct {
	const char *address, *symbol, *chain;
	uint64_t chain_id;
} others[] = {
    {"0x2791Bca1f2de4661ED88A30C99A7a9449Aa84174", "USDC.e", "Polygon PoS",
     137},
    {"0xFF970A61A04b1cA14834A43f5dE4533eBDDB5CC8", "USDC.e", "Arbitrum One",
     42161},
    {"0x7F5c764cBc14f9669B88837ca1490cCa17c31607", "USDC.e", "OP Mainnet", 10},
    {"0xd9aAEc86B65D86f6A7B5B1b0c42FFA531710b6CA", "USDbC", "Base", 8453},
    {"0xA7D7079b0FEaD91F3e65f86E8915Cb59c1a4C664", "USDC.e",
     "Avalanche C-Chain", 43114},
    {"0x8AC76a51cc950d9822D68b83fE1Ad97B32Cd580d", "Binance-Peg USDC",
     "BNB Smart Chain", 56},
};

static bool is_address(const char *text, const struct address *address)
{
	struct address parsed;

	return address_parse(&parsed, text) == OK &&
	       address_eq(&parsed, address);
}

const struct chain_profile *chain_profile_named(const char *name)
{
	for (size_t i = 0; i < n_chain_profiles; i++)
		if (strcmp(chain_profiles[i].name, name) == 0)
			return &chain_profiles[i];
	return NULL;
}

const struct chain_profile *chain_profile_of(uint64_t id)
{
	for (size_t i = 0; i < n_chain_profiles; i++)
		if (chain_profiles[i].id == id)
			return &chain_profiles[i];
	return NULL;
}

static const char *list_names(char text[PROFILE_SUGGESTION_SIZE])
{
	size_t used = 0;

	for (size_t i = 0; i < n_chain_profiles; i++)
		used += (size_t)snprintf(
		    text + used, PROFILE_SUGGESTION_SIZE - used, "%s%s",
		    i == 0 ? "expected " : ", ", chain_profiles[i].name);
	return text;
}

const char *chain_profile_suggest(char text[PROFILE_SUGGESTION_SIZE],
				  const char *name)
{
	struct nearest nearest;

	nearest_init(&nearest, name, strlen(name));
	for (size_t i = 0; i < n_chain_profiles; i++)
		nearest_try(&nearest, chain_profiles[i].name,
			    strlen(chain_profiles[i].name));
	if (!nearest.found)
		return list_names(text);
	(void)snprintf(text, PROFILE_SUGGESTION_SIZE, "did you mean %s?",
		       nearest.found);
	return text;
}

bool chain_has_token(const struct chain_profile *profile,
		     const struct address *token)
{
	return profile && is_address(profile->usdc, token);
}

const char *token_title(char text[TOKEN_TITLE_SIZE],
			const struct address *token)
{
	for (size_t i = 0; i < n_chain_profiles; i++) {
		const struct chain_profile *profile = &chain_profiles[i];

		if (!chain_has_token(profile, token))
			continue;
		(void)snprintf(text, TOKEN_TITLE_SIZE,
			       "USDC on %s (chain %" PRIu64 ")", profile->title,
			       profile->id);
		return text;
	}
	return NULL;
}

const char *token_title_other(char text[TOKEN_TITLE_SIZE],
			      const struct address *token)
{
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (!is_address(others[i].address, token))
			continue;
		(void)snprintf(
		    text, TOKEN_TITLE_SIZE,
		    "%s on %s (chain %" PRIu64 "), which Circle does not issue",
		    others[i].symbol, others[i].chain, others[i].chain_id);
		return text;
	}
	return NULL;
}
