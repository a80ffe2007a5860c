/* wiretale fields: what a filter may name. */
#include "tool.h"

#include "wiretale/filter.h"

#include <stdio.h>
#include <string.h>

static int run(int argc, char **argv);

static const uint8_t options[] = {OPTION_LANG, OPTION_COUNT};

const struct tool_command tool_fields = {
    .name = "fields",
    .operands = N_("[WORD...]"),
    .text = N_("list the fields of filters; with words, only those whose name contains one of them"),
    .more = N_("Operators: == != < > <= >= contains matches in {} && || ! and parentheses."),
    .options = options,
    .run = run,
};

static bool wanted(const char *name, char **words, int count)
{
    for (int i = 0; i < count; i++)
        if (strstr(name, words[i]))
            return true;
    return count == 0;
}

static int run(int argc, char **argv)
{
    struct tool_arguments a = {.command = &tool_fields, .argv = argv, .argc = argc};
    const char *name, *type, *text;
    struct wt_output output;
    if (tool_arguments_next(&a) == TOOL_WRONG)
        return TOOL_USAGE;
    tool_stdout_open(&output);
    for (size_t i = 0; wt_filter_field(i, &name, &type, &text); i++)
        if (wanted(name, argv, a.operands))
            tool_output_text(&output, "%-40s %-8s %s\n", name, type, text);
    return tool_stdout_close(&output);
}
