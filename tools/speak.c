/* Options and words of client and server. */
#include "speak.h"

#include "memory.h"
#include "trust.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- files -------------------------------------------------------------------------------------------------------- */

void tool_speak_private(const struct tool_command *command, const char *file)
{
    struct stat st;
    if (stat(file, &st) == 0 && S_ISREG(st.st_mode) && st.st_mode & (S_IRWXG | S_IRWXO))
        tool_complain(command, _("%s: others may read this secret: chmod 600 %s"), file, file);
}

char *tool_speak_load(const struct tool_command *command, const char *file, size_t *length)
{
    char *bytes = tool_checked(malloc(TOOL_LOAD_MOST));
    int fd = bytes ? open(file, O_RDONLY | O_CLOEXEC) : -1, reason = errno;
    ssize_t got = fd < 0 ? -1 : 1;
    *length = 0;
    while (got > 0 && *length < TOOL_LOAD_MOST) {
        got = read(fd, bytes + *length, TOOL_LOAD_MOST - *length);
        reason = errno;
        if (got < 0 && reason == EINTR)
            got = 1;
        else if (got > 0)
            *length += (size_t)got;
    }
    if (fd >= 0)
        (void)close(fd);
    if (got == 0 && *length < TOOL_LOAD_MOST)
        return bytes;
    tool_complain(command, "%s: %s", file, got < 0 ? wt_error_reason(reason) : _("too large"));
    if (bytes)
        explicit_bzero(bytes, *length);
    free(bytes);
    return NULL;
}

static bool load_identity(struct tool_speak *s, size_t i)
{
    enum wt_problem_id why = WT_PROBLEM_NONE;
    size_t n, m = 0;
    char *chain = tool_speak_load(s->command, s->cert[i], &n),
         *key = chain ? tool_speak_load(s->command, s->key[i], &m) : NULL;
    if (key)
        s->identity[i] = wt_identity_new(chain, n, key, m, NULL, &why);
    if (s->identity[i])
        tool_speak_private(s->command, s->key[i]);
    else if (key)
        tool_complain(s->command, "%s: %s", why == WT_PROBLEM_TRUST_NONE ? s->cert[i] : s->key[i],
                      wt_problem_text(why));
    if (key)
        explicit_bzero(key, m);
    free(key);
    free(chain);
    return s->identity[i];
}

static bool load_identities(struct tool_speak *s)
{
    if (s->cert_count != s->key_count) {
        tool_complain(s->command, "%s",
                      _("each --cert needs a --key, in the same order: the private key of its certificate"));
        return false;
    }
    for (size_t i = 0; i < s->cert_count; i++)
        if (!load_identity(s, i))
            return false;
    return true;
}

/* --- options ------------------------------------------------------------------------------------------------------ */

static bool add_file(const struct tool_arguments *a, const char **files, size_t *count)
{
    if (*count == TOOL_IDENTITIES) {
        tool_complain(a->command, _("--%s: more than %d names"), tool_options[a->id].name, TOOL_IDENTITIES);
        return false;
    }
    files[(*count)++] = a->value;
    return true;
}

/* Only what it names is trusted: who gives a server's own authority does not mean the hundreds of the system. */
static bool only_these(struct tool_speak *s, const struct tool_arguments *a)
{
    struct tool_arguments same = *a;
    same.id = OPTION_CA_FILE;
    if (!tool_trust_option(&s->trust, &same))
        return false;
    wt_trust_without_system(s->trust);
    return true;
}

static bool look_option(struct tool_speak *s, const struct tool_arguments *a)
{
    uint64_t number;
    switch (a->id) {
    case OPTION_COLOR:
        if (tool_look_color(&s->look, a->value))
            return true;
        tool_complain(a->command, _("--color must be always, never or auto, not '%s'"), a->value);
        return false;
    case OPTION_ASCII:
        s->look.ascii = true;
        return true;
    default: /* OPTION_COLUMNS */
        if (!tool_arguments_number(a, 20, 1000, &number))
            return false;
        s->look.columns = (unsigned)number;
        return true;
    }
}

bool tool_speak_option(struct tool_speak *s, const struct tool_arguments *a)
{
    switch (a->id) {
    case OPTION_VERSIONS:
        return tool_names_versions(a, &s->options.min_version, &s->options.max_version);
    case OPTION_SUITES:
        return tool_names_codes(a, WT_REG_CIPHER_SUITE, &s->suites);
    case OPTION_GROUPS:
        return tool_names_codes(a, WT_REG_GROUP, &s->groups);
    case OPTION_SCHEMES:
        return tool_names_codes(a, WT_REG_SIGNATURE_SCHEME, &s->schemes);
    case OPTION_ALPN:
        return tool_names_protocols(a, s->alpn, &s->alpn_count, &s->alpn_room);
    case OPTION_CERT:
        return add_file(a, s->cert, &s->cert_count);
    case OPTION_KEY:
        return add_file(a, s->key, &s->key_count);
    case OPTION_PSK_OWN:
    case OPTION_PSK_FILE_OWN:
        return tool_psks_option(&s->psks, a);
    case OPTION_CA:
        return only_these(s, a);
    case OPTION_CA_FILE:
    case OPTION_CA_PATH:
    case OPTION_UNTRUSTED:
    case OPTION_AT:
    case OPTION_SCT_LOGS:
        return tool_trust_option(&s->trust, a);
    case OPTION_STORY:
        return s->record.story = true;
    case OPTION_JSON_OWN:
        return s->json = true;
    case OPTION_HTML:
        s->record.page_file = a->value;
        return true;
    case OPTION_KEYLOG_OWN:
        s->record.keylog = a->value;
        return true;
    case OPTION_CAPTURE:
        s->record.capture = a->value;
        return true;
    default:
        return look_option(s, a);
    }
}

/* --- settling ----------------------------------------------------------------------------------------------------- */

static bool write_fd(void *context, const char *bytes, size_t length)
{
    return tool_write((int)(intptr_t)context, bytes, length) == 0;
}

static void fill(const struct tool_codes *codes, const uint16_t **list, size_t *count)
{
    *list = codes->count ? codes->code : NULL;
    *count = codes->count;
}

/* More than a party's list may have are looked up when they are asked for. */
static bool fill_psks(struct tool_speak *s)
{
    enum { LISTED_MOST = 1024 };
    if (!tool_psks_open(&s->psks, s->command, s->command == &tool_server ? WT_SERVER : WT_CLIENT))
        return false;
    if (s->psks.count > LISTED_MOST) {
        s->options.asks |= WT_ASK_PSK;
        return true;
    }
    s->options.psks = s->psks.list;
    s->options.psk_count = s->psks.count;
    return true;
}

bool tool_speak_settle(struct tool_speak *s, int fd)
{
    struct tool_record *r = &s->record;
    s->words = (struct wt_output){.write = write_fd, .context = (void *)(intptr_t)fd};
    s->lines = (struct wt_output){.write = write_fd, .context = (void *)(intptr_t)STDOUT_FILENO};
    r->command = s->command;
    r->text = tool_look_settle(&s->look);
    s->on_terminal = isatty(fd);
    if (!s->look.color && !s->on_terminal)
        r->text.color = false;
    r->words = &s->words;
    r->lines = &s->lines;
    r->json = s->json;
    r->trust = s->trust;
    if (!load_identities(s) || !fill_psks(s) || !tool_record_open(r))
        return false;
    s->options.size = sizeof s->options;
    s->options.trust = s->trust;
    s->options.identities = (const struct wt_identity *const *)s->identity;
    s->options.identity_count = s->cert_count;
    fill(&s->suites, &s->options.suites, &s->options.suite_count);
    fill(&s->groups, &s->options.groups, &s->options.group_count);
    fill(&s->schemes, &s->options.schemes, &s->options.scheme_count);
    s->options.alpn = s->alpn_count ? s->alpn : NULL;
    s->options.alpn_count = s->alpn_count;
    if (r->observer || r->keylog || r->capture) {
        s->options.keylog = tool_record_secret;
        s->options.context = r;
    }
    return true;
}

void tool_speak_refused(const struct tool_speak *s, const struct wt_error *error)
{
    static const struct {
        const char *field;
        enum wt_registry registry;
    } lists[] = {{"suites", WT_REG_CIPHER_SUITE}, {"groups", WT_REG_GROUP}, {"schemes", WT_REG_SIGNATURE_SCHEME}};
    for (size_t i = 0; error->field && i < sizeof lists / sizeof *lists; i++) {
        const char *name = wt_registry_name(lists[i].registry, error->value);
        if (strcmp(lists[i].field, error->field) != 0)
            continue;
        if (error->code == WT_UNSUPPORTED)
            tool_complain(s->command, _("--%s: %s is not available here"), error->field, name ? name : "?");
        else
            tool_complain(s->command, _("--%s: nothing of it is for these --versions"), error->field);
        return;
    }
    if (error->code == WT_MEMORY)
        tool_complain(s->command, "%s", _("out of memory"));
    else if (error->code == WT_MISSING && error->field && !strcmp(error->field, "psks"))
        tool_complain(s->command, _("--suites: %s is for pre-shared keys: --psk or --psk-file"),
                      wt_registry_name(WT_REG_CIPHER_SUITE, error->value));
    else if (error->code == WT_MISSING)
        tool_complain(s->command, "%s", _("missing --cert and --key"));
    else
        tool_complain(s->command, "--%s: %s", error->field ? error->field : "?", wt_code_name(error->code));
}

void tool_speak_close(struct tool_speak *s)
{
    for (size_t i = 0; i < TOOL_IDENTITIES; i++)
        wt_identity_free(s->identity[i]);
    tool_psks_close(&s->psks);
    wt_trust_free(s->trust);
    free(s->alpn_room);
}

/* --- words -------------------------------------------------------------------------------------------------------- */

void tool_speak_bytes(struct wt_span wire, char *out, size_t size)
{
    struct tool_text text;
    tool_text_open(&text);
    wt_report_bytes(&text.output, wire, false);
    (void)snprintf(out, size, "%.*s", (int)text.length, text.bytes ? text.bytes : "");
    tool_text_close(&text);
}

void tool_speak_agreed(const struct wt_endpoint_info *info, char *out, size_t size)
{
    const char *const names[] = {wt_registry_name(WT_REG_VERSION, info->version),
                                 wt_registry_name(WT_REG_CIPHER_SUITE, info->suite),
                                 info->group ? wt_registry_name(WT_REG_GROUP, info->group) : NULL};
    char alpn[300];
    size_t n = 0;
    tool_speak_bytes(info->alpn, alpn, sizeof alpn);
    *out = '\0';
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i] && n < size)
            n += (size_t)snprintf(out + n, size - n, "%s%s", n ? ", " : "", names[i]);
    if (*alpn && n < size)
        n += (size_t)snprintf(out + n, size - n, ", %s", alpn);
    if (info->resumed && n < size)
        n += (size_t)snprintf(out + n, size - n, ", %s", _("resumed"));
    if (info->psk.n && n < size) {
        tool_speak_bytes(info->psk, alpn, sizeof alpn);
        /* TRANSLATORS: the identity of a pre-shared key */
        n += (size_t)snprintf(out + n, size - n, _(", PSK %s"), alpn);
    }
    if (info->early_data_accepted && n < size)
        (void)snprintf(out + n, size - n, ", %s", _("early data"));
}

static void write_line(struct tool_speak *s, const char *line)
{
    struct wt_output *out = &s->words;
    out->failed = out->failed || !out->write(out->context, line, strlen(line)) || !out->write(out->context, "\n", 1);
}

/* Whoever reads a log looks for lines; paragraphs are for terminals, and for what cannot show the marks. */
void tool_speak_say(struct tool_speak *s, const char *mark, const char *text)
{
    char *whole = *mark ? tool_format("%s %s", mark, text) : tool_format("  %s", text);
    if (whole && !s->on_terminal && !s->record.text.ascii)
        write_line(s, whole);
    else if (whole)
        wt_report_text_paragraph(&s->words, NULL, 0, whole, &s->record.text);
    free(whole);
}

void tool_speak_quote(struct wt_output *out, const char *text)
{
    char *safe = tool_printable(text);
    tool_output_text(out, "\"");
    for (const char *p = safe ? safe : ""; *p; p++)
        tool_output_text(out, *p == '"' || *p == '\\' ? "\\%c" : "%c", *p);
    tool_output_text(out, "\"");
    free(safe);
}
