/* Options that say nothing together: what would be ignored is refused, with the mend. */
#include "tool.h"

#include <stddef.h>

static const struct {
    uint8_t a, b; /* both given; the same twice: it is given more than once */
    const char *mend;
    const struct tool_command *only; /* of this command; NULL: of each that has both */
} conflicts[] = {
    {OPTION_JSON, OPTION_LINES, N_("--json has one line per connection already: remove --lines")},
    {OPTION_JSON, OPTION_ASCII, N_("--ascii is for text: remove it, or --json")},
    {OPTION_JSON, OPTION_COLUMNS, N_("--columns is for text: remove it, or --json")},
    {OPTION_JSON, OPTION_COLOR, N_("--color is for text: remove it, or --json")},
    {OPTION_JSON, OPTION_EXPLAIN,
     N_("--explain is for text: use --json --messages, or --json --bytes for every field")},
    {OPTION_SUMMARY, OPTION_LINES, N_("--summary shows no connections: remove it, or --lines")},
    {OPTION_SUMMARY, OPTION_MESSAGES, N_("--summary shows no connections: remove it, or --messages")},
    {OPTION_SUMMARY, OPTION_PLACES, N_("--summary shows no connections: remove it, or --places")},
    {OPTION_SUMMARY, OPTION_HEADERS, N_("--summary shows no connections: remove it, or --headers")},
    {OPTION_SUMMARY, OPTION_EXPLAIN, N_("--summary shows no connections: remove it, or --explain")},
    {OPTION_SUMMARY, OPTION_BYTES, N_("--summary shows no connections: remove it, or --bytes")},
    {OPTION_SUMMARY, OPTION_SECRETS, N_("--summary shows no connections: remove it, or --secrets")},
    {OPTION_SUMMARY, OPTION_RECORD, N_("--summary shows no connections: remove it, or --record")},
    {OPTION_HTML, OPTION_JSON, N_("--html writes a page with all that --json would print: remove one"), &tool_read},
    {OPTION_HTML, OPTION_LINES, N_("--html writes a page with all that --lines would print: remove one"), &tool_read},
    {OPTION_HTML, OPTION_MESSAGES, N_("--html writes a page with all that --messages would print: remove one")},
    {OPTION_HTML, OPTION_PLACES, N_("--html writes a page with all that --places would print: remove one")},
    {OPTION_HTML, OPTION_HEADERS, N_("--html writes a page with all that --headers would print: remove one")},
    {OPTION_HTML, OPTION_EXPLAIN, N_("--html writes a page with all that --explain would print: remove one")},
    {OPTION_HTML, OPTION_BYTES, N_("--html writes a page with all that --bytes would print: remove one")},
    {OPTION_HTML, OPTION_SUMMARY, N_("--html writes a page with all that --summary would print: remove one")},
    {OPTION_HTML, OPTION_RECORD, N_("--html writes a page with all that --record would print: remove one")},
    {OPTION_HTML, OPTION_HTML, N_("--html is given twice: remove one")},
    {OPTION_SVG, OPTION_SVG, N_("--svg is given twice: remove one")},
    {OPTION_TEXT, OPTION_HEX, N_("--text and --hex are two forms: remove one")},
    {OPTION_TEXT, OPTION_RAW, N_("--text and --raw are two forms: remove one")},
    {OPTION_HEX, OPTION_RAW, N_("--hex and --raw are two forms: remove one")},
    {OPTION_FILTER, OPTION_FILTER, N_("--filter is given twice: join the expressions with &&")},
    {OPTION_STREAM, OPTION_STREAM,
     N_("--stream is given twice: use --filter 'stream in {3, 5}' for several conversations")},
    {OPTION_HIDE_PSKS, OPTION_CERT,
     N_("with a certificate it shows which identities are unknown: remove --cert, or --hide-psks")},
    {OPTION_HIDE_PSKS, OPTION_MAKE,
     N_("with a certificate it shows which identities are unknown: remove --make, or --hide-psks")},
    {OPTION_TICKET_KEY, OPTION_TICKET_KEY, N_("--ticket-key is given twice: remove one")},
    {OPTION_RECORD, OPTION_RECORD, N_("--record is given twice: one record is shown at a time")},
    {OPTION_AT, OPTION_AT, N_("--at is given twice: remove one")},
    {OPTION_HOST, OPTION_HOST, N_("--host is given twice: remove one")},
    {OPTION_OUTPUT, OPTION_OUTPUT, N_("--output is given twice: remove one")},
    {OPTION_PREFIX, OPTION_PREFIX, N_("--output is given twice: remove one")},
    {OPTION_DIRECTORY, OPTION_DIRECTORY, N_("--output is given twice: remove one")},
};

bool tool_arguments_agree(const struct tool_arguments *a)
{
    for (size_t i = 0; i < sizeof conflicts / sizeof *conflicts; i++) {
        bool same = conflicts[i].a == conflicts[i].b;
        if (conflicts[i].only && conflicts[i].only != a->command)
            continue;
        if (same ? a->met[conflicts[i].a] < 2 : !a->met[conflicts[i].a] || !a->met[conflicts[i].b])
            continue;
        tool_complain(a->command, "%s", _(conflicts[i].mend));
        return false;
    }
    return true;
}
