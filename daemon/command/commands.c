#include "daemon/command/commands.h"

#include "daemon/command/command.h"

const struct cli_command *const command_table[] = {
    &command_address_check,
    &command_check_config,
    &command_version,
};
const size_t command_count = sizeof(command_table) / sizeof(*command_table);
