#include "common.h"

#include "memory.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

bool tool_common_stream(struct tool_common *c, const struct tool_command *command, const char *word)
{
    struct tool_arguments a = {.command = command, .value = word, .id = OPTION_STREAM};
    uint64_t number;
    if (!tool_arguments_number(&a, 0, UINT32_MAX, &number))
        return false;
    c->one_stream = true;
    c->stream = (uint32_t)number;
    return true;
}

static bool look_option(struct tool_common *c, const struct tool_arguments *a)
{
    uint64_t number;
    switch (a->id) {
    case OPTION_COLOR:
        if (tool_look_color(&c->look, a->value))
            return true;
        tool_complain(a->command, _("--color must be always, never or auto, not '%s'"), a->value);
        return false;
    case OPTION_ASCII:
        c->look.ascii = true;
        return true;
    default: /* OPTION_COLUMNS */
        if (!tool_arguments_number(a, 20, 1000, &number))
            return false;
        c->look.columns = (unsigned)number;
        return true;
    }
}

bool tool_common_option(struct tool_common *c, const struct tool_arguments *a)
{
    static const char *const verify[] = {[WT_VERIFY_AUTO] = "auto", [WT_VERIFY_ALL] = "all", "none", NULL};
    uint64_t number = 0;
    int word;
    switch (a->id) {
    case OPTION_MAX_MEMORY:
        if (!tool_arguments_number(a, 16, 1048576, &number))
            return false;
        c->max_memory = number << 20;
        return true;
    case OPTION_JSON:
        c->json = true;
        return true;
    case OPTION_FILTER:
        c->expression = a->value;
        return true;
    case OPTION_FAILED:
        c->failed = true;
        return true;
    case OPTION_STREAM:
        return tool_common_stream(c, a->command, a->value);
    case OPTION_KEYLOG:
    case OPTION_RSA_KEY:
    case OPTION_SM2_KEY:
    case OPTION_RSA_PASSWORD_FILE:
    case OPTION_PSK:
    case OPTION_PSK_FILE:
        return tool_secrets_option(&c->secrets, a);
    case OPTION_CA_FILE:
    case OPTION_CA_PATH:
    case OPTION_UNTRUSTED:
    case OPTION_AT:
    case OPTION_HOST:
    case OPTION_SCT_LOGS:
        return tool_trust_option(&c->trust, a);
    case OPTION_VERIFY:
        word = tool_arguments_word(a, verify);
        c->verify = (uint8_t)word;
        return word >= 0;
    case OPTION_OUTPUT:
    case OPTION_DIRECTORY:
    case OPTION_PREFIX:
        c->output = a->value;
        return true;
    default:
        return look_option(c, a);
    }
}

bool tool_common_compile(struct tool_common *c, const struct tool_command *command)
{
    static const char failed[] = "state == \"failed\"";
    struct wt_filter_error error;
    if (c->failed && c->expression) {
        c->composed = tool_format("%s && (%s)", failed, c->expression);
        if (!c->composed)
            return false;
        c->expression = c->composed;
    } else if (c->failed) {
        c->expression = failed;
    }
    if (!c->expression)
        return true;
    c->filter = wt_filter_compile(c->expression, &error);
    if (!c->filter) {
        tool_complain(command, _("filter, column %u: %s"), error.column, error.message);
        char *shown = tool_printable(c->expression);
        (void)fprintf(stderr, "    %s\n    %*s^\n", shown ? shown : "", error.column > 0 ? (int)error.column - 1 : 0,
                      "");
        free(shown);
    }
    return c->filter != NULL;
}

bool tool_common_wants(const struct tool_common *c, const struct wt_connection *connection)
{
    if (c->one_stream && connection->stream != c->stream)
        return false;
    return !c->filter || wt_filter_match(c->filter, connection);
}

bool tool_common_has_output(const struct tool_common *c, const struct tool_command *command)
{
    if (c->output)
        return true;
    tool_complain(command, _("missing output file: wiretale %s CAPTURE -o FILE"), command->name);
    return false;
}

bool tool_common_rereads(const struct tool_command *command, char **inputs, int count, const char *why)
{
    for (int i = 0; i < count; i++) {
        struct stat st;
        if (!strcmp(inputs[i], "-") || (stat(inputs[i], &st) == 0 && S_ISFIFO(st.st_mode))) {
            tool_complain(command, _("%s: %s: save it to a file first, for example with 'cat > FILE'"), inputs[i], why);
            return false;
        }
    }
    return true;
}

void tool_common_close(struct tool_common *c)
{
    const uint64_t limited = c->filter ? wt_filter_limited(c->filter) : 0;
    if (limited)
        tool_complain(NULL,
                      ngettext_("filter: a limit of pattern steps, values or memory was reached %" PRIu64
                                " time: that connection may be wrongly included or left out",
                                "filter: a limit of pattern steps, values or memory was reached %" PRIu64
                                " times: those connections may be wrongly included or left out",
                                limited),
                      limited);
    wt_filter_free(c->filter);
    tool_secrets_close(&c->secrets);
    wt_trust_free(c->trust);
    free(c->composed);
    c->composed = NULL;
    c->filter = NULL;
    c->trust = NULL;
}
