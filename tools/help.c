/* wiretale help: the overview, and each command's help made from its table of options. */
#include "tool.h"

#include <stdio.h>
#include <string.h>

#define OPTION_COLUMN 26 /* where the sentences begin */

static int run(int argc, char **argv);

static const uint8_t options[] = {OPTION_COUNT};

const struct tool_command tool_help = {
    .name = "help",
    .operands = N_("[COMMAND]"),
    .text = N_("say what a command does and which options it has"),
    .options = options,
    .run = run,
};

void tool_help_overview(void)
{
    (void)puts(_("wiretale tells what happened in every TLS connection: who said what, what it means, how it ended."));
    (void)printf("\n%s\n", _("usage: wiretale COMMAND [OPTION...] [ARGUMENT...]"));
    (void)putchar('\n');
    for (const struct tool_command *const *c = tool_commands; *c; c++)
        (void)printf("  %-8s %s\n", (*c)->name, _((*c)->text));
    (void)printf("\n%s\n", _("'wiretale help COMMAND' says more; 'wiretale --version' names the version.\n"
                             "Begin with: wiretale read CAPTURE"));
}

static void print_option(const struct tool_option *o)
{
    const char *argument = o->argument ? _(o->argument) : NULL;
    char word[64], letter[8] = "    ";
    if (o->letter)
        (void)snprintf(letter, sizeof letter, "-%c, ", o->letter);
    if (!argument)
        (void)snprintf(word, sizeof word, "%s--%s", letter, o->name);
    else if (o->optional)
        (void)snprintf(word, sizeof word, "%s--%s[=%s]", letter, o->name, argument);
    else
        (void)snprintf(word, sizeof word, "%s--%s %s", letter, o->name, argument);
    if (strlen(word) + 2 >= OPTION_COLUMN)
        (void)printf("  %s\n  %*s%s\n", word, OPTION_COLUMN, "", _(o->text));
    else
        (void)printf("  %-*s%s\n", OPTION_COLUMN, word, _(o->text));
}

void tool_help_command(const struct tool_command *c)
{
    (void)printf(_("usage: wiretale %s%s%s%s\n"), c->name, c->options[0] != OPTION_COUNT ? _(" [OPTION...]") : "",
                 c->operands ? " " : "", c->operands ? _(c->operands) : "");
    (void)printf("\n%s\n", _(c->text));
    if (c->options[0] != OPTION_COUNT)
        (void)putchar('\n');
    for (const uint8_t *id = c->options; *id != OPTION_COUNT; id++)
        print_option(&tool_options[*id]);
    if (c->more)
        (void)printf("\n%s\n", _(c->more));
}

static int run(int argc, char **argv)
{
    struct tool_arguments a = {.command = &tool_help, .argv = argv, .argc = argc};
    const char *names[16] = {NULL}, *nearest;
    size_t n = 0;
    if (tool_arguments_next(&a) == TOOL_WRONG)
        return TOOL_USAGE;
    if (a.operands == 0) {
        tool_help_overview();
        return TOOL_OK;
    }
    for (const struct tool_command *const *c = tool_commands; *c; c++) {
        if (!strcmp((*c)->name, argv[0])) {
            tool_help_command(*c);
            return TOOL_OK;
        }
        names[n++] = (*c)->name;
    }
    nearest = tool_nearest(argv[0], names);
    tool_complain(&tool_help, _("no command '%s'; try 'wiretale help%s%s'"), argv[0], nearest ? " " : "",
                  nearest ? nearest : "");
    return TOOL_USAGE;
}
