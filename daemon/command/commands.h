#ifndef GS_DAEMON_COMMAND_COMMANDS_H
#define GS_DAEMON_COMMAND_COMMANDS_H

#include "daemon/cli.h"

/* Each command's row of the table; its code stands in the file of its name. */
extern const struct cli_command command_address_check;
extern const struct cli_command command_audit;
extern const struct cli_command command_check_config;
extern const struct cli_command command_db_account_ages;
extern const struct cli_command command_db_check;
extern const struct cli_command command_db_drop;
extern const struct cli_command command_db_generate;
extern const struct cli_command command_db_migrate;
extern const struct cli_command command_db_push;
extern const struct cli_command command_db_seed;
extern const struct cli_command command_db_status;
extern const struct cli_command command_platform_add;
extern const struct cli_command command_platform_check_key;
extern const struct cli_command command_platform_list;
extern const struct cli_command command_platform_rotate_key;
extern const struct cli_command command_platform_set_secret;
extern const struct cli_command command_platform_show;
extern const struct cli_command command_platform_sign_in;
extern const struct cli_command command_quarantine_drop;
extern const struct cli_command command_quarantine_list;
extern const struct cli_command command_quarantine_retry;
extern const struct cli_command command_quarantine_show;
extern const struct cli_command command_rebuild;
extern const struct cli_command command_reorg_accept;
extern const struct cli_command command_token_check;
extern const struct cli_command command_version;
extern const struct cli_command command_worker_add;
extern const struct cli_command command_worker_list;
extern const struct cli_command command_worker_set_password;
extern const struct cli_command command_worker_set_wallet_id;
extern const struct cli_command command_worker_show;
extern const struct cli_command command_worker_sign_in;
extern const struct cli_command command_backfill;
extern const struct cli_command command_run;
extern const struct cli_command command_status;

#endif
