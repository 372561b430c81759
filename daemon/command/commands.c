#include "daemon/command/commands.h"

#include "daemon/command/command.h"

const struct cli_command *const command_table[] = {
    &command_run,
    &command_backfill,
    &command_status,
    &command_audit,
    &command_reorg_accept,
    &command_db_push,
    &command_db_migrate,
    &command_db_status,
    &command_db_check,
    &command_db_generate,
    &command_db_seed,
    &command_db_account_ages,
    &command_db_drop,
    &command_worker_add,
    &command_worker_list,
    &command_worker_show,
    &command_worker_set_password,
    &command_worker_set_wallet_id,
    &command_worker_sign_in,
    &command_platform_add,
    &command_platform_list,
    &command_platform_show,
    &command_platform_rotate_key,
    &command_platform_check_key,
    &command_platform_set_secret,
    &command_platform_sign_in,
    &command_token_check,
    &command_address_check,
    &command_check_config,
    &command_version,
};
const size_t command_count = sizeof(command_table) / sizeof(*command_table);
