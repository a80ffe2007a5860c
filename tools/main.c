/* wiretale: the command. Each subcommand is in a file of its name. */
#include "language.h"
#include "memory.h"
#include "tool.h"
#include "wiretale/capture.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct tool_command *const tool_commands[] = {
    &tool_read,    &tool_live,   &tool_run,    &tool_follow, &tool_decrypt, &tool_keys, &tool_certificates,
    &tool_compare, &tool_client, &tool_server, &tool_fields, &tool_help,    NULL};

void (*tool_sigpipe)(int) = SIG_ERR;
char **tool_environment;

/* The language that is spoken is set there, too. */
static void keep_environment(void)
{
    size_t n = 0;
    while (environ[n])
        n++;
    tool_environment = tool_checked(calloc(n + 1, sizeof *tool_environment));
    for (size_t i = 0; tool_environment && i < n; i++)
        tool_environment[i] = environ[i];
}

static int no_such_command(const char *word)
{
    const char *names[16] = {NULL}, *nearest;
    size_t n = 0;
    if (word[0] != '-' && access(word, R_OK) == 0) {
        tool_complain(NULL, _("'%s' is a file; did you mean 'wiretale read %s'?"), word, word);
        return TOOL_USAGE;
    }
    for (const struct tool_command *const *c = tool_commands; *c; c++)
        names[n++] = (*c)->name;
    nearest = tool_nearest(word, names);
    if (nearest)
        tool_complain(NULL, _("unknown command '%s'; did you mean 'wiretale %s'?"), word, nearest);
    else
        tool_complain(NULL, _("unknown command '%s'; 'wiretale help' lists the commands"), word);
    return TOOL_USAGE;
}

static bool asks_for_help(const struct tool_command *command, int argc, char **argv)
{
    if (command == &tool_run) /* what is behind the program is its own */
        argc = tool_arguments_program(command, argc, argv);
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
            return true;
    return false;
}

/* Where memory was refused, something may be missing, whatever the command has made of it. */
static int finish(const struct tool_command *command, int status)
{
    if (!tool_memory_is_short())
        return status;
    tool_complain(command, "%s", _("out of memory: something may be missing from what was written"));
    return status == TOOL_OK || status == TOOL_FOUND ? TOOL_BAD_INPUT : status;
}

int main(int argc, char **argv)
{
    keep_environment();
    if (!tool_language(&argc, argv))
        return TOOL_USAGE;
    (void)wt_capture_map_files();
    wt_capture_read_ahead(true);
    tool_sigpipe = signal(SIGPIPE, SIG_IGN); /* seen as EPIPE where we write: output.c */
    if (argc < 2) {
        tool_complain(NULL, "%s", _("missing command; try 'wiretale read CAPTURE' or 'wiretale help'"));
        return TOOL_USAGE;
    }
    if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
        (void)puts("wiretale " WT_VERSION);
        return TOOL_OK;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
        return tool_help_overview();
    }
    for (const struct tool_command *const *c = tool_commands; *c; c++) {
        if (strcmp(argv[1], (*c)->name) != 0)
            continue;
        if (asks_for_help(*c, argc - 2, argv + 2)) {
            return tool_help_command(*c);
        }
        return finish(*c, (*c)->run(argc - 2, argv + 2));
    }
    return no_such_command(argv[1]);
}
