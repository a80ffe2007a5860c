/* Arguments: GNU style, options and operands in any order, "--" ends the options. getopt_long() is not used because a
 * usage error is to name the mend, in one line, and because help and parsing are to read one table. */
#include "memory.h"
#include "tool.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct tool_option tool_options[OPTION_COUNT] = {
#define TOOL_HEADING(id, text) {0, NULL, NULL, false, text},
#define TOOL_OPTION(id, letter, name, argument, optional, text) {letter, name, argument, optional, text},
#include "options.def"
#undef TOOL_HEADING
#undef TOOL_OPTION
};

void tool_complain(const struct tool_command *command, const char *format, ...)
{
    va_list list;
    char *raw = NULL, *shown;
    tool_progress_clear();
    va_start(list, format);
    int length = vasprintf(&raw, format, list);
    va_end(list);
    (void)tool_checked(length < 0 ? NULL : raw);
    /* the names of files are whatever their maker wanted */
    shown = length >= 0 ? tool_printable(raw) : NULL;
    (void)fprintf(stderr, "wiretale%s%s: %s\n", command ? " " : "", command ? command->name : "",
                  shown ? shown : _("out of memory"));
    free(shown);
    if (length >= 0)
        free(raw);
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* How many letters have to be put in, left out, changed or swapped with the next to make b of a. */
static unsigned distance(const char *a, const char *b)
{
    enum { MOST = 64 }; /* characters: the longest cipher suites have fewer */
    unsigned row[3][MOST + 1];
    size_t n = strlen(a), m = strlen(b);
    if (n > MOST || m > MOST)
        return MOST;
    for (size_t j = 0; j <= m; j++)
        row[0][j] = (unsigned)j;
    for (size_t i = 1; i <= n; i++) {
        unsigned *now = row[i % 3];
        const unsigned *before = row[(i - 1) % 3], *further = row[(i + 1) % 3];
        now[0] = (unsigned)i;
        for (size_t j = 1; j <= m; j++) {
            unsigned change = before[j - 1] + (a[i - 1] != b[j - 1]);
            now[j] = least(least(before[j] + 1, now[j - 1] + 1), change);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least(now[j], further[j - 2] + 1);
        }
    }
    return row[n % 3][m];
}

const char *tool_nearest(const char *word, const char *const *words)
{
    const char *nearest = NULL;
    size_t length = strlen(word);
    unsigned best = length < 4 ? 2 : 3; /* a short word is near to everything */
    for (; *words; words++) {
        unsigned d = distance(word, *words);
        if (length >= 3 && !strncmp(word, *words, length))
            d = 1; /* a beginning is as good as one slip */
        if (d < best) {
            best = d;
            nearest = *words;
        }
    }
    return nearest;
}

static int unknown(const struct tool_arguments *a, const char *name, size_t length)
{
    const char *words[OPTION_COUNT + 1] = {NULL}, *nearest;
    char word[64];
    size_t n = 0;
    for (const uint8_t *id = a->command->options; *id != OPTION_COUNT; id++)
        words[n++] = tool_options[*id].name;
    (void)snprintf(word, sizeof word, "%.*s", (int)(length < sizeof word ? length : sizeof word - 1), name);
    nearest = tool_nearest(word, words);
    if (nearest)
        tool_complain(a->command, _("unknown option --%s; did you mean --%s?"), word, nearest);
    else
        tool_complain(a->command, _("unknown option --%s; 'wiretale help %s' lists the options"), word,
                      a->command->name);
    return TOOL_WRONG;
}

static int met(struct tool_arguments *a, uint8_t id)
{
    a->id = id;
    a->met[id] += a->met[id] < UINT8_MAX;
    return id;
}

static int take_value(struct tool_arguments *a, uint8_t id, const char *dashes, const char *name)
{
    if (a->next >= a->argc) {
        tool_complain(a->command, _("%s%s needs a value: %s%s %s"), dashes, name, dashes, name,
                      _(tool_options[id].argument));
        return TOOL_WRONG;
    }
    a->value = a->argv[a->next++];
    return met(a, id);
}

static int long_option(struct tool_arguments *a, const char *name)
{
    size_t length = strcspn(name, "=");
    for (const uint8_t *id = a->command->options; *id != OPTION_COUNT; id++) {
        const struct tool_option *o = &tool_options[*id];
        if (strlen(o->name) != length || strncmp(o->name, name, length) != 0)
            continue;
        if (name[length] == '=') {
            if (!o->argument) {
                tool_complain(a->command, _("--%s takes no value: remove '%s'"), o->name, name + length);
                return TOOL_WRONG;
            }
            a->value = name + length + 1;
        } else if (o->argument && !o->optional) {
            return take_value(a, *id, "--", o->name);
        }
        return met(a, *id);
    }
    return unknown(a, name, length);
}

static int letter_option(struct tool_arguments *a)
{
    char letter[2] = {*a->bundle++, '\0'};
    for (const uint8_t *id = a->command->options; *id != OPTION_COUNT; id++) {
        const struct tool_option *o = &tool_options[*id];
        if (o->letter != letter[0])
            continue;
        if (o->argument && !o->optional) {
            const char *rest = a->bundle;
            a->bundle = "";
            if (!*rest)
                return take_value(a, *id, "-", letter);
            a->value = rest;
        }
        return met(a, *id);
    }
    tool_complain(a->command, _("unknown option -%s; 'wiretale help %s' lists the options"), letter, a->command->name);
    return TOOL_WRONG;
}

int tool_arguments_next(struct tool_arguments *a)
{
    a->value = NULL;
    if (a->bundle && *a->bundle)
        return letter_option(a);
    while (a->next < a->argc) {
        char *word = a->argv[a->next++];
        if (a->raw || word[0] != '-' || !word[1]) {
            a->argv[a->operands++] = word;
            a->raw |= a->program;
            continue;
        }
        if (!strcmp(word, "--")) {
            a->raw = true;
            continue;
        }
        if (word[1] == '-')
            return long_option(a, word + 2);
        a->bundle = word + 1;
        return letter_option(a);
    }
    return tool_arguments_agree(a) ? TOOL_END : TOOL_WRONG;
}

/* Whether the value of an option in this word is the next one. */
static bool wants_next(const struct tool_command *command, const char *word)
{
    for (const uint8_t *id = command->options; *id != OPTION_COUNT; id++) {
        const struct tool_option *o = &tool_options[*id];
        if (!o->argument || o->optional)
            continue;
        if (word[1] == '-' ? !strcmp(word + 2, o->name)
                           : o->letter && strchr(word, o->letter) == word + strlen(word) - 1)
            return true;
    }
    return false;
}

int tool_arguments_program(const struct tool_command *command, int argc, char **argv)
{
    int i = 0;
    while (i < argc && argv[i][0] == '-' && argv[i][1] && strcmp(argv[i], "--") != 0)
        i += 1 + wants_next(command, argv[i]);
    return i < argc ? i : argc;
}

bool tool_arguments_number(const struct tool_arguments *a, uint64_t lowest, uint64_t most, uint64_t *out)
{
    char *end;
    errno = 0;
    *out = strtoull(a->value, &end, 10);
    if (a->value[0] >= '0' && a->value[0] <= '9' && !*end && !errno && *out >= lowest && *out <= most)
        return true;
    tool_complain(a->command, _("--%s takes a number from %" PRIu64 " to %" PRIu64 ", not '%s'"),
                  tool_options[a->id].name, lowest, most, a->value);
    return false;
}

int tool_arguments_word(const struct tool_arguments *a, const char *const *words)
{
    char list[128] = "";
    size_t n = 0;
    for (int i = 0; words[i]; i++) {
        if (!strcmp(a->value, words[i]))
            return i;
        n += (size_t)snprintf(list + n, n < sizeof list ? sizeof list - n : 0, "%s%s", i ? ", " : "", words[i]);
    }
    tool_complain(a->command, _("--%s must be one of %s, not '%s'"), tool_options[a->id].name, list, a->value);
    return -1;
}
