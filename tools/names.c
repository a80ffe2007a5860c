/* IANA's names in lists. They are looked up in the library's registries, so that what it knows can be named. */
#include "names.h"

#include "memory.h"
#include "tool.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What groups are called elsewhere (NIST, SECG, OpenSSL). */
static const struct {
    const char *alias, *name;
} aliases[] = {{"P-256", "secp256r1"}, {"P-384", "secp384r1"}, {"P-521", "secp521r1"}, {"prime256v1", "secp256r1"}};

static const char *const separators = ",: ";

static bool by_number(const char *word, uint16_t *code)
{
    char *end;
    unsigned long n = strtoul(word, &end, 16);
    if (strncasecmp(word, "0x", 2) != 0 || end == word + 2 || *end || n > 0xffff)
        return false;
    *code = (uint16_t)n;
    return true;
}

static bool find(enum wt_registry registry, const char *word, uint16_t *code)
{
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (!strcasecmp(word, aliases[i].alias))
            word = aliases[i].name;
    for (unsigned n = 0; n <= 0xffff; n++) {
        const char *name = wt_registry_name(registry, n);
        if (name && !wt_is_grease((uint16_t)n) && !strcasecmp(name, word)) {
            *code = (uint16_t)n;
            return true;
        }
    }
    return by_number(word, code);
}

/* Of two names that differ in case alone the lower one is as near as the other. */
static void lower(char *word)
{
    for (; *word; word++)
        *word = (char)tolower((unsigned char)*word);
}

static bool no_such_name(const struct tool_arguments *a, enum wt_registry registry, const char *word)
{
    const char **names = tool_checked(calloc(0x10001, sizeof *names));
    const char *nearest = NULL;
    size_t n = 0;
    for (unsigned i = 0; names && i <= 0xffff; i++) {
        const char *name = wt_registry_name(registry, i);
        if (name && !wt_is_grease((uint16_t)i))
            names[n++] = name;
    }
    char *small = tool_checked(strdup(word));
    if (names && small) {
        nearest = tool_nearest(word, names);
        lower(small);
        nearest = nearest ? nearest : tool_nearest(small, names);
    }
    if (nearest)
        tool_complain(a->command, _("--%s: no '%s'; did you mean %s?"), tool_options[a->id].name, word, nearest);
    else
        tool_complain(a->command, _("--%s: no '%s': names are IANA's, or code points as 0x001d"),
                      tool_options[a->id].name, word);
    free(small);
    free(names);
    return false;
}

bool tool_names_codes(const struct tool_arguments *a, enum wt_registry registry, struct tool_codes *out)
{
    char *room = tool_checked(strdup(a->value)), *rest = room, *word;
    bool ok = room;
    out->count = 0;
    while (ok && (word = strsep(&rest, separators))) {
        if (!*word)
            continue;
        if (out->count == TOOL_NAMES) {
            tool_complain(a->command, _("--%s: more than %d names"), tool_options[a->id].name, TOOL_NAMES);
            ok = false;
        } else {
            ok = find(registry, word, &out->code[out->count]) || no_such_name(a, registry, word);
            out->count += ok;
        }
    }
    free(room);
    if (ok && !out->count)
        tool_complain(a->command, _("--%s: the list is empty"), tool_options[a->id].name);
    return ok && out->count;
}

bool tool_names_versions(const struct tool_arguments *a, uint16_t *lowest, uint16_t *highest)
{
    enum { TLS12 = 0x0303, TLS13 = 0x0304 };
    char *room = tool_checked(strdup(a->value)), *rest = room, *word;
    bool ok = room;
    *lowest = *highest = 0;
    while (ok && (word = strsep(&rest, ",: -"))) {
        const char *digits = !strncasecmp(word, "tlsv", 4) ? word + 4 : !strncasecmp(word, "tls", 3) ? word + 3 : word;
        if (!*digits)
            continue;
        const uint16_t version = !strcmp(digits, "1.2") ? TLS12 : !strcmp(digits, "1.3") ? TLS13 : 0;
        if (!version) {
            tool_complain(a->command, _("--%s: no '%s'; 1.2 and 1.3 can be spoken"), tool_options[a->id].name, word);
            ok = false;
        }
        *lowest = !*lowest || version < *lowest ? version : *lowest;
        *highest = version > *highest ? version : *highest;
    }
    free(room);
    if (ok && !*lowest)
        tool_complain(a->command, _("--%s: the list is empty"), tool_options[a->id].name);
    return ok && *lowest;
}

bool tool_names_protocols(const struct tool_arguments *a, const char **out, size_t *count, char **room)
{
    char *rest, *word;
    free(*room);
    *room = rest = tool_checked(strdup(a->value));
    *count = 0;
    while (*room && (word = strsep(&rest, ","))) {
        if (!*word || strlen(word) > 255 || *count == TOOL_NAMES) {
            tool_complain(a->command, _("--%s: a list of protocols, of 1 to 255 bytes each: h2,http/1.1"),
                          tool_options[a->id].name);
            return false;
        }
        out[(*count)++] = word;
    }
    return *room;
}
