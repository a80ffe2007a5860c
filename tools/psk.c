#include "psk.h"

#include "memory.h"
#include "speak.h"

#include <stdlib.h>
#include <string.h>

enum { KEY_LEAST = 16, KEY_MOST = 1024, IDENTITY_MOST = 1024, OFFERED_MOST = 4 }; /* wiretale/endpoint.h */

/* --- one ---------------------------------------------------------------------------------------------------------- */

/* Where one was named. */
struct tool_psk_origin {
    const char *file; /* NULL: on the command line */
    size_t line;
};

bool tool_psks_option(struct tool_psks *p, const struct tool_arguments *a)
{
    if (tool_words_add(a->id == OPTION_PSK_OWN ? &p->words : &p->files, a->value))
        return true;
    tool_complain(a->command, "%s", _("out of memory"));
    return false;
}

/* False, so that it can be returned. The key is not repeated: it may be right but for one digit. */
static bool complain(const struct tool_psks *p, const struct tool_psk_origin *at, const char *what)
{
    if (at->file)
        tool_complain(p->command, "%s:%zu: %s", at->file, at->line, what);
    else
        tool_complain(p->command, "--psk: %s", what);
    return false;
}

static bool has_room(struct tool_psks *p)
{
    if (p->count < p->room)
        return true;
    const size_t room = p->room ? 2 * p->room : 16;
    struct wt_external_psk *list = tool_checked(reallocarray(p->list, room, sizeof *list));
    if (list)
        p->list = list;
    struct tool_psk_origin *origins = list ? tool_checked(reallocarray(p->origins, room, sizeof *origins)) : NULL;
    if (origins) {
        p->origins = origins;
        p->room = room;
    }
    return origins;
}

static void forget(uint8_t *bytes, size_t n)
{
    if (bytes)
        explicit_bzero(bytes, n);
    free(bytes);
}

/* What the engine would refuse, in words. */
static const char *find_wrong(const struct wt_external_psk *psk)
{
    return psk->identity.n == 0              ? _("the identity is missing: IDENTITY:HEX")
           : psk->identity.n > IDENTITY_MOST ? _("an identity has 1024 bytes at most")
           : psk->key.n < KEY_LEAST          ? _("a key has 16 random bytes at least: 32 hexadecimal digits")
           : psk->key.n > KEY_MOST           ? _("a key has 1024 bytes at most")
                                             : NULL;
}

/* Identity and key are beside each other, in as much room as the line has characters for either. */
static bool add(struct tool_psks *p, struct wt_span line, const struct tool_psk_origin *at)
{
    static const char hash[] = ",sha384";
    const size_t tail = sizeof hash - 1;
    const bool sha384 = line.n > tail && !memcmp(line.p + line.n - tail, hash, tail);
    enum wt_problem_id why = WT_PROBLEM_NONE;
    size_t column, n = 0, m = 0;
    line.n -= sha384 ? tail : 0;
    uint8_t *room = has_room(p) ? tool_checked(malloc(2 * line.n + 1)) : NULL;
    if (!room)
        return complain(p, at, _("out of memory"));
    const enum wt_psk_line what = wt_psk_line(line, room, &n, room + line.n, &m, &column, &why);
    const struct wt_external_psk psk = {
        .identity = {room, n}, .key = {room + line.n, m}, .sha384 = sha384, .role = p->role};
    const char *wrong = what == WT_PSK_WRONG               ? wt_problem_text(why)
                        : what == WT_PSK_LINE || !at->file ? find_wrong(&psk)
                                                           : NULL; /* a comment */
    if (what == WT_PSK_LINE && !wrong) {
        p->origins[p->count] = *at;
        p->list[p->count++] = psk;
        return true;
    }
    forget(room, 2 * line.n);
    return !wrong || complain(p, at, wrong);
}

/* One a line. */
static bool add_file(struct tool_psks *p, const char *file)
{
    struct tool_psk_origin at = {.file = file, .line = 1};
    size_t length = 0;
    const size_t before = p->count;
    char *text = tool_speak_load(p->command, file, &length);
    bool ok = text;
    for (size_t i = 0, n; ok && i < length; i += n + 1, at.line++) {
        const char *end = memchr(text + i, '\n', length - i);
        n = end ? (size_t)(end - (text + i)) : length - i;
        const bool cr = n && text[i + n - 1] == '\r';
        ok = add(p, (struct wt_span){(const uint8_t *)text + i, n - cr}, &at);
    }
    if (ok && p->count > before)
        tool_speak_private(p->command, file);
    else if (ok)
        tool_complain(p->command, _("%s: no IDENTITY:HEX line"), file);
    forget((uint8_t *)text, text ? length : 0);
    return ok && p->count > before;
}

/* --- order -------------------------------------------------------------------------------------------------------- */

static int compare(struct wt_span a, struct wt_span b)
{
    const int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);
    return order ? order : a.n < b.n ? -1 : a.n > b.n;
}

static int by_identity(const void *a, const void *b)
{
    return compare((*(const struct wt_external_psk *const *)a)->identity,
                   (*(const struct wt_external_psk *const *)b)->identity);
}

static int by_key(const void *a, const void *b)
{
    return compare((*(const struct wt_external_psk *const *)a)->key, (*(const struct wt_external_psk *const *)b)->key);
}

static bool is_twice(struct tool_psks *p, int (*order)(const void *, const void *), const char *what)
{
    const size_t size = sizeof *p->sorted; /* NOLINT(bugprone-sizeof-expression): pointers */
    qsort(p->sorted, p->count, size, order);
    for (size_t i = 1; i < p->count; i++)
        if (order(&p->sorted[i - 1], &p->sorted[i]) == 0) {
            const struct wt_external_psk *later = p->sorted[i - 1] > p->sorted[i] ? p->sorted[i - 1] : p->sorted[i];
            (void)complain(p, &p->origins[later - p->list], what);
            return true;
        }
    return false;
}

/* RFC 9257, 4.1: a key is for one client and one server; who has it twice cannot tell whom he talks with. */
static bool sort(struct tool_psks *p)
{
    const size_t size = sizeof *p->sorted; /* NOLINT(bugprone-sizeof-expression): pointers */
    p->sorted = tool_checked(calloc(p->count, size));
    for (size_t i = 0; p->sorted && i < p->count; i++)
        p->sorted[i] = &p->list[i];
    return p->sorted && !is_twice(p, by_key, _("this key is there already: each identity needs one of its own")) &&
           !is_twice(p, by_identity, _("this identity is there already: remove one"));
}

static struct wt_span word_of(const char *word)
{
    return (struct wt_span){(const uint8_t *)word, strlen(word)};
}

bool tool_psks_open(struct tool_psks *p, const struct tool_command *command, enum wt_side role)
{
    p->command = command;
    p->role = (uint8_t)role;
    for (size_t i = 0; i < p->words.n; i++)
        if (!add(p, word_of(p->words.words[i]), &(struct tool_psk_origin){0}))
            return false;
    for (size_t i = 0; i < p->files.n; i++)
        if (!add_file(p, p->files.words[i]))
            return false;
    if (role == WT_CLIENT && p->count > OFFERED_MOST) {
        tool_complain(command, _("--psk: a client offers %d keys at most, not %zu: keep those of this server"),
                      OFFERED_MOST, p->count);
        return false;
    }
    return !p->count || sort(p);
}

const struct wt_external_psk *tool_psks_find(const struct tool_psks *p, struct wt_span identity)
{
    const struct wt_external_psk wanted = {.identity = identity}, *key = &wanted;
    const size_t size = sizeof *p->sorted; /* NOLINT(bugprone-sizeof-expression): pointers */
    const struct wt_external_psk *const *found = bsearch(&key, p->sorted, p->count, size, by_identity);
    return found ? *found : NULL;
}

void tool_psks_close(struct tool_psks *p)
{
    for (size_t i = 0; i < p->count; i++) {
        const struct wt_external_psk *psk = &p->list[i];
        explicit_bzero((void *)(uintptr_t)psk->key.p, psk->key.n);
        free((void *)(uintptr_t)psk->identity.p); /* the key is behind it */
    }
    free(p->list);
    free(p->sorted);
    free(p->origins);
    free(p->words.words);
    free(p->files.words);
}
