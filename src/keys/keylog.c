#include "keys/keylog.h"

#include "base/memory.h"
#include "crypto/library.h"
#include "keys/hex.h"
#include "keys/key_text.h"
#include "keys/pool.h"
#include "registry/limits.h"

#include <stdlib.h>

enum { RANDOM_BYTES = 32, ENCRYPTED_BYTES = 8, SESSION_MOST = 32, NAME_MOST = 40 };
enum { FIRST_LINES = 4 };  /* that show what is no key log */
enum { SURE_DIGITS = 16 }; /* after a label inside other text: fewer than any line has there make none of it */

struct label {
    const char *name;
    uint8_t n;  /* characters of the name */
    uint8_t id; /* enum wt_label; WT_LABEL_COUNT: not kept */
    uint8_t by; /* enum wt_secret_by */
    uint16_t least, most;
};

static const struct label labels[] = {
#define WT_LABEL(id, name, by, least, most, rfc) {name, sizeof(name) - 1, WT_LABEL_##id, WT_BY_##by, least, most},
#define WT_LABEL_ALSO(id, name, rfc) {name, sizeof(name) - 1, WT_LABEL_##id, 0, 0, 0},
#define WT_LABEL_UNUSED(name, least, most, rfc) {name, sizeof(name) - 1, WT_LABEL_COUNT, WT_BY_RANDOM, least, most},
#include "keys/labels.def"
#undef WT_LABEL
};

struct wt_keylog {
    struct wt_pool secrets;
    struct wt_keylog_count count;
    struct wt_problem first; /* of the first fault */
    void (*fault)(void *context, const struct wt_keys_fault *fault);
    void *context;
};

struct wt_keylog_source {
    struct wt_keylog *log;
    char *name;
    uint8_t kind;        /* enum wt_secret_source */
    struct wt_span line; /* that is being taken */
    struct {             /* a line that ended too early: the next may be the rest of it */
        struct wt_problem problem;
        uint64_t number;
        size_t column, n;
        uint8_t text[WT_LIMIT_KEYLOG_LINE];
    } cut;
    bool foreign; /* no key log at all: nothing of it is looked at */
    struct wt_key_text text;
};

/* A line, and how far it was read. `amid`: its secret is inside other text, so that more may be on either side. */
struct cursor {
    const uint8_t *start, *p, *end;
    bool amid;
};

const char *wt_label_name(enum wt_label label)
{
    return (unsigned)label < WT_LABEL_COUNT ? labels[label].name : NULL;
}

static void report(struct wt_keylog_source *s, uint64_t number, size_t column, const struct wt_problem *problem)
{
    if (s->log->count.faults++ == 0)
        s->log->first = *problem;
    if (!s->log->fault)
        return;
    const struct wt_keys_fault f = {s->name, number, column < UINT32_MAX ? (unsigned)column : UINT32_MAX, problem};
    s->log->fault(s->log->context, &f);
}

static bool are_digits(struct wt_span text)
{
    for (size_t i = 0; i < text.n; i++)
        if (!((text.p[i] >= '0' && text.p[i] <= '9') || ((text.p[i] | 0x20) >= 'a' && (text.p[i] | 0x20) <= 'f')))
            return false;
    return true;
}

/* Whether the line ends within the field at `at`, or before it: terminals and mail break lines that are too wide. */
static bool is_cut(const struct wt_keylog_source *s, size_t at, enum wt_problem_id id)
{
    bool few = id == WT_PROBLEM_KEYLOG_RANDOM || id == WT_PROBLEM_KEYLOG_ENCRYPTED ||
               id == WT_PROBLEM_KEYLOG_NO_SECRET || id == WT_PROBLEM_KEYLOG_ODD || id == WT_PROBLEM_KEYLOG_LENGTH ||
               id == WT_PROBLEM_KEYLOG_RANGE;
    return few && at <= s->line.n && are_digits(wt_span_cut(s->line, at, s->line.n));
}

/* `at` counts from 0 in the line as it was taken. */
static void fault_with(struct wt_keylog_source *s, size_t at, const struct wt_problem *problem)
{
    size_t column = wt_key_text_column(&s->text, at);
    if (!is_cut(s, at, problem->id)) {
        report(s, s->text.ended + 1, column, problem);
        return;
    }
    s->cut.problem = *problem;
    s->cut.number = s->text.ended + 1;
    s->cut.column = column;
    s->cut.n = s->line.n;
    memcpy(s->cut.text, s->line.p, s->line.n);
    /* between two fields there is a blank */
    if (at == s->line.n && s->cut.n < sizeof s->cut.text && s->cut.n && s->cut.text[s->cut.n - 1] != ' ')
        s->cut.text[s->cut.n++] = ' ';
}

static void forget_cut(struct wt_keylog_source *s)
{
    wt_wipe(s->cut.text, s->cut.n);
    s->cut.n = 0;
}

/* It was no line that goes on. */
static void settle_cut(struct wt_keylog_source *s)
{
    if (!s->cut.n)
        return;
    const struct wt_problem problem = s->cut.problem;
    forget_cut(s);
    report(s, s->cut.number, s->cut.column, &problem);
}

static void fault(struct wt_keylog_source *s, size_t at, enum wt_problem_id id)
{
    fault_with(s, at, &(struct wt_problem){.id = id});
}

/* With the no-break space of UTF-8, which comes with what was pasted from a page. */
static size_t blank_at(const uint8_t *p, const uint8_t *end)
{
    if (p < end && (*p == ' ' || *p == '\t'))
        return 1;
    return end - p >= 2 && p[0] == 0xc2 && p[1] == 0xa0 ? 2 : 0;
}

static void blanks(struct cursor *c)
{
    for (size_t n; (n = blank_at(c->p, c->end));)
        c->p += n;
}

/* What quotes a line, escapes its end, or continues a list of quoted ones. */
static bool is_closing(uint8_t b)
{
    return b >= 0x80 || b == 0x1b || (b && strchr("\"'`\\,;)]}>|", b));
}

/* A field ends here. */
static bool field_ends(const struct cursor *c)
{
    return c->p == c->end || blank_at(c->p, c->end) || is_closing(*c->p);
}

/* Between two fields: blanks, and inside other text whatever separates columns. */
static void gap(struct cursor *c)
{
    blanks(c);
    while (c->amid && c->p < c->end && (is_closing(*c->p) || *c->p == ':' || *c->p == '=')) {
        c->p++;
        blanks(c);
    }
}

static size_t column(const struct cursor *c)
{
    return (size_t)(c->p - c->start);
}

/* Passes over the text if it stands here. */
static bool skip(struct cursor *c, const char *text)
{
    size_t n = strlen(text);
    if ((size_t)(c->end - c->p) < n || memcmp(c->p, text, n) != 0)
        return false;
    c->p += n;
    return true;
}

/* A name that ends in _N stands for every number there. */
static bool numbered(const struct label *l, struct wt_span word)
{
    size_t stem = l->n - 1u;
    if (l->name[stem] != 'N' || l->name[stem - 1] != '_' || word.n <= stem || memcmp(word.p, l->name, stem) != 0)
        return false;
    for (size_t i = stem; i < word.n; i++)
        if (word.p[i] < '0' || word.p[i] > '9')
            return false;
    return true;
}

static const struct label *label_of(struct wt_span word)
{
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
        const struct label *l = &labels[i];
        if (l->n == word.n && memcmp(l->name, word.p, word.n) == 0)
            return l->most ? l : &labels[l->id];
    }
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++)
        if (numbered(&labels[i], word))
            return &labels[i];
    return NULL;
}

static void unknown_label(struct wt_keylog_source *s, const struct cursor *c, struct wt_span word)
{
    bool plain = word.n <= NAME_MOST; /* what we repeat must not reach a terminal as anything but text */
    for (size_t i = 0; i < word.n && plain; i++)
        plain = (word.p[i] >= 'A' && word.p[i] <= 'Z') || (word.p[i] >= 'a' && word.p[i] <= 'z') ||
                (word.p[i] >= '0' && word.p[i] <= '9') || word.p[i] == '_' || word.p[i] == '-';
    size_t at = (size_t)(word.p - c->start);
    struct wt_problem problem = {.id = plain ? WT_PROBLEM_KEYLOG_LABEL : WT_PROBLEM_KEYLOG_NO_LABEL};
    if (plain && word.n)
        memcpy(problem.detail, word.p, word.n);
    fault_with(s, at, &problem);
}

/* The word that begins here, up to a blank. */
static struct wt_span word_here(const struct cursor *c)
{
    size_t n = 0;
    while (c->p + n < c->end && !blank_at(c->p + n, c->end))
        n++;
    return wt_span_of(c->p, n);
}

static bool is_name(uint8_t b)
{
    return (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9') || b == '_' || b == '-';
}

static struct wt_span name_at(const uint8_t *p, const uint8_t *end)
{
    size_t n = 0;
    while (p + n < end && (is_name(p[n]) || (p[n] >= 'a' && p[n] <= 'z')))
        n++;
    return wt_span_of(p, n);
}

/* Whether what follows a label is what a line of a key log has there. */
static bool has_value(struct cursor c)
{
    uint8_t digits[SURE_DIGITS / 2];
    gap(&c);
    return skip(&c, "Session-ID:") ||
           wt_hex_read(wt_span_of(c.p, (size_t)(c.end - c.p)), digits, sizeof digits) >= SURE_DIGITS;
}

/* The next label with a value inside other text: after a log's time stamp and the writer's name, in quotes, in JSON, in
 * colors. False: there is none, and the cursor stays. */
static bool find_label(struct cursor *c)
{
    for (const uint8_t *p = c->p; p < c->end;) {
        struct wt_span name = name_at(p, c->end);
        struct cursor after = {c->start, p + name.n, c->end, true};
        for (size_t i = name.n; i > 0; i--) { /* an escaped letter, as of \n, or the end of an escape sequence */
            if (is_name(name.p[i - 1]))
                continue;
            name = wt_span_cut(name, i, name.n);
            break;
        }
        if (name.n && label_of(name) && has_value(after)) {
            c->p = name.p;
            c->amid = true;
            return true;
        }
        p = after.p + (after.p < c->end);
    }
    return false;
}

/* Takes the label, which is known to be one. */
static const struct label *take_label(struct cursor *c)
{
    struct wt_span name = c->amid ? name_at(c->p, c->end) : word_here(c);
    const struct label *l = label_of(name);
    c->p += name.n;
    gap(c);
    return l->id == WT_LABEL_RSA && skip(c, "Session-ID:") ? &labels[WT_LABEL_SESSION] : l;
}

/* Hex digits up to the end of the field: their number, or SIZE_MAX when something else stands among them, which was
 * told. */
static size_t take_digits(struct wt_keylog_source *s, struct cursor *c, uint8_t *out)
{
    size_t digits = wt_hex_read(wt_span_of(c->p, (size_t)(c->end - c->p)), out, WT_LIMIT_KEYLOG_LINE / 2);
    c->p += digits;
    if (field_ends(c))
        return digits;
    if (*c->p == 0)
        fault(s, column(c), WT_PROBLEM_KEYLOG_NUL);
    else
        fault(s, column(c), WT_PROBLEM_DIGIT);
    return SIZE_MAX;
}

/* `digits` are not as many as the label's row has it. */
static void digits_fault(struct wt_keylog_source *s, size_t at, enum wt_problem_id id, const struct label *l,
                         size_t digits)
{
    fault_with(s, at, &(struct wt_problem){.id = id, .name = l->name, .value = {digits, 2u * l->least, 2u * l->most}});
}

/* What the line goes by: its bytes in out (WT_LIMIT_KEYLOG_LINE / 2 of room), their number; 0: told. */
static size_t take_by(struct wt_keylog_source *s, struct cursor *c, const struct label *l, uint8_t *out)
{
    size_t at = column(c), digits = take_digits(s, c, out);
    if (digits == SIZE_MAX)
        return 0;
    if (l->by == WT_BY_RANDOM && digits != 2u * RANDOM_BYTES)
        digits_fault(s, at, WT_PROBLEM_KEYLOG_RANDOM, l, digits);
    else if (l->by == WT_BY_ENCRYPTED && digits != 2u * ENCRYPTED_BYTES)
        digits_fault(s, at, WT_PROBLEM_KEYLOG_ENCRYPTED, l, digits);
    else if (l->by == WT_BY_SESSION && (!digits || digits % 2 || digits > 2u * SESSION_MOST))
        digits_fault(s, at, WT_PROBLEM_KEYLOG_SESSION, l, digits);
    else
        return digits / 2;
    return 0;
}

/* The secret's bytes in out; false: told. */
static bool take_secret(struct wt_keylog_source *s, struct cursor *c, const struct label *l, uint8_t *out, size_t *n)
{
    if (c->p == c->end) {
        fault(s, column(c), WT_PROBLEM_KEYLOG_NO_SECRET);
        return false;
    }
    if (l->by == WT_BY_SESSION && !skip(c, "Master-Key:")) {
        fault(s, column(c), WT_PROBLEM_KEYLOG_NO_MASTER);
        return false;
    }
    size_t at = column(c), digits = take_digits(s, c, out);
    if (digits == SIZE_MAX)
        return false;
    if (!(c->p < c->end && is_closing(*c->p)))
        blanks(c);
    c->amid = c->amid || (c->p < c->end && is_closing(*c->p));
    if (digits % 2)
        digits_fault(s, at, WT_PROBLEM_KEYLOG_ODD, l, digits);
    else if (l->least == l->most && digits != 2u * l->most)
        digits_fault(s, at, WT_PROBLEM_KEYLOG_LENGTH, l, digits);
    else if (digits < 2u * l->least || digits > 2u * l->most)
        digits_fault(s, at, WT_PROBLEM_KEYLOG_RANGE, l, digits);
    else if (c->p != c->end && !c->amid)
        fault(s, column(c), WT_PROBLEM_KEYLOG_MORE);
    else {
        *n = digits / 2;
        return true;
    }
    return false;
}

static void keep(struct wt_keylog_source *s, const struct label *l, struct wt_span by, struct wt_span secret)
{
    struct wt_keylog *log = s->log;
    log->count.lines++;
    if (l->id == WT_LABEL_COUNT) {
        log->count.unused++;
        return;
    }
    enum wt_pool_added added = wt_pool_add(&log->secrets, l->by, by, l->id, s->kind, secret);
    /* a renegotiation's, which is no fault of the log's as long as there is room */
    for (uint8_t i = 0; added == WT_ADDED_OTHER && l->id == WT_LABEL_MASTER && i < WT_KEYLOG_MASTERS; i++)
        added = wt_pool_add(&log->secrets, l->by, by, (uint8_t)(WT_LABEL_MASTER_AGAIN + i), s->kind, secret);
    switch (added) {
    case WT_ADDED:
    case WT_ADDED_SAME:
        break;
    case WT_ADDED_OTHER:
        fault(s, 0, l->id == WT_LABEL_MASTER ? WT_PROBLEM_KEYLOG_MASTERS : WT_PROBLEM_KEYLOG_OTHER);
        break;
    case WT_ADDED_REFUSED:
        log->count.refused++;
        break;
    }
}

static void take_secret_line(struct wt_keylog_source *s, struct cursor *c)
{
    uint8_t by[WT_LIMIT_KEYLOG_LINE / 2], secret[WT_LIMIT_KEYLOG_LINE / 2];
    size_t n = 0, by_n;
    const struct label *l = take_label(c);
    if (!(by_n = take_by(s, c, l, by)))
        return;
    gap(c);
    if (take_secret(s, c, l, secret, &n))
        keep(s, l, wt_span_of(by, by_n), wt_span_of(secret, n));
    wt_wipe(secret, (size_t)(c->end - c->start) / 2);
}

/* What people give in place of a key log, by how it begins. */
static enum wt_problem_id foreign(struct wt_span line)
{
    static const struct {
        const char *start;
        uint8_t n;
        enum wt_problem_id id;
    } kinds[] = {{"-----BEGIN ", 11, WT_PROBLEM_KEYLOG_PEM},
                 {"\x1f\x8b", 2, WT_PROBLEM_KEYLOG_PACKED},
                 {"\x28\xb5\x2f\xfd", 4, WT_PROBLEM_KEYLOG_PACKED},
                 {"BZh", 3, WT_PROBLEM_KEYLOG_PACKED},
                 {"PK\3\4", 4, WT_PROBLEM_KEYLOG_PACKED},
                 {"\xfd"
                  "7zXZ",
                  5, WT_PROBLEM_KEYLOG_PACKED},
                 {"\xd4\xc3\xb2\xa1", 4, WT_PROBLEM_KEYLOG_CAPTURE},
                 {"\x4d\x3c\xb2\xa1", 4, WT_PROBLEM_KEYLOG_CAPTURE}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (line.n >= kinds[i].n && memcmp(line.p, kinds[i].start, kinds[i].n) == 0)
            return kinds[i].id;
    /* pcapng begins with ends of lines, and a length before what is always the same */
    return line.n >= 8 && memcmp(line.p + 4, "\x4d\x3c\x2b\x1a", 4) == 0 ? WT_PROBLEM_KEYLOG_CAPTURE : WT_PROBLEM_NONE;
}

/* One line without its end.
 *
 * RFC 9850, 2: "Lines are ignored if they are empty or if the first character is an octothorpe character"; "three
 * values that are separated by a single space character". Blanks at either end, and more than one between, are let
 * pass: people edit these files. What collects the output of programs (syslog, journald, containers, logcat) puts a
 * time stamp and a name before each line, or makes a string of JSON of it: a label with its value is found there too.
 */
static void read_line(struct wt_keylog_source *s, struct wt_span line)
{
    struct cursor c = {line.p, line.p, line.p + line.n, false};
    s->line = line;
    blanks(&c);
    if (s->foreign || c.p == c.end || *c.p == '#')
        return;
    enum wt_problem_id no = s->text.ended < FIRST_LINES ? foreign(line) : WT_PROBLEM_NONE;
    if (no) {
        s->foreign = true;
        fault(s, 0, no);
        return;
    }
    if (!label_of(word_here(&c)) && !find_label(&c)) {
        unknown_label(s, &c, word_here(&c));
        return;
    }
    do
        take_secret_line(s, &c);
    while (c.amid && find_label(&c));
}

/* The rest of a line that was cut: digits alone, and no more than the field has room for. */
static bool go_on(struct wt_keylog_source *s, struct wt_span line)
{
    uint8_t whole[WT_LIMIT_KEYLOG_LINE];
    struct cursor c = {line.p, line.p, line.p + line.n, false};
    blanks(&c);
    while (c.end > c.p && (c.end[-1] == ' ' || c.end[-1] == '\t'))
        c.end--;
    struct wt_span rest = wt_span_of(c.p, (size_t)(c.end - c.p));
    size_t n = s->cut.n;
    size_t digits = 0; /* of the first of its fields */
    while (digits < rest.n && are_digits(wt_span_cut(rest, digits, 1)))
        digits++;
    if (!n || !digits || (digits < rest.n && rest.p[digits] != ' ') || rest.n > sizeof whole - n)
        return false;
    memcpy(whole, s->cut.text, n);
    memcpy(whole + n, rest.p, rest.n);
    forget_cut(s);
    read_line(s, wt_span_of(whole, n + rest.n));
    wt_wipe(whole, n + rest.n);
    return true;
}

static void take_line(void *context, struct wt_span line)
{
    struct wt_keylog_source *s = context;
    struct cursor c = {line.p, line.p, line.p + line.n, false};
    if (go_on(s, line))
        return;
    settle_cut(s);
    blanks(&c);
    s->log->count.looked += !s->foreign && c.p < c.end && *c.p != '#';
    read_line(s, line);
}

static void text_fault(void *context, size_t at, const struct wt_problem *problem)
{
    struct wt_keylog_source *s = context;
    if (s->foreign)
        return;
    settle_cut(s);
    s->log->count.looked += problem->id == WT_PROBLEM_KEYLOG_LONG;
    report(s, s->text.ended + 1, wt_key_text_column(&s->text, at), problem);
}

void wt_keylog_feed(struct wt_keylog_source *s, struct wt_span text)
{
    wt_key_text_feed(&s->text, text);
}

struct wt_keylog_source *wt_keylog_source(struct wt_keylog *log, const char *name, enum wt_secret_source kind)
{
    struct wt_keylog_source *s = wt_calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->log = log;
    s->kind = (uint8_t)kind;
    s->text.line = take_line;
    s->text.fault = text_fault;
    s->text.context = s;
    s->name = wt_strdup(name ? name : "");
    if (!s->name) {
        free(s);
        return NULL;
    }
    log->count.sources++;
    return s;
}

void wt_keylog_source_end(struct wt_keylog_source *s)
{
    if (!s)
        return;
    wt_key_text_end(&s->text);
    settle_cut(s);
    free(s->name);
    free(s);
}

struct wt_keylog *wt_keylog_new(void (*on_fault)(void *context, const struct wt_keys_fault *fault), void *context)
{
    struct wt_keylog *log = wt_calloc(1, sizeof *log);
    if (!log)
        return NULL;
    log->secrets.key = wt_siphash_key();
    log->fault = on_fault;
    log->context = context;
    return log;
}

void wt_keylog_free(struct wt_keylog *log)
{
    if (!log)
        return;
    wt_pool_clear(&log->secrets);
    free(log);
}

bool wt_keylog_add(struct wt_keylog *log, enum wt_label label, struct wt_span by, struct wt_span secret,
                   enum wt_secret_source source)
{
    if ((unsigned)label >= WT_LABEL_COUNT)
        return false;
    const struct label *l = &labels[label];
    if (secret.n < l->least || secret.n > l->most || (l->by == WT_BY_RANDOM && by.n != RANDOM_BYTES) ||
        (l->by == WT_BY_ENCRYPTED && by.n != ENCRYPTED_BYTES) ||
        (l->by == WT_BY_SESSION && (!by.n || by.n > SESSION_MOST)))
        return false;
    if (wt_pool_add(&log->secrets, l->by, by, l->id, (uint8_t)source, secret) != WT_ADDED_REFUSED)
        return true;
    log->count.refused++;
    return false;
}

bool wt_keylog_find(const struct wt_keylog *log, enum wt_label label, struct wt_span by, struct wt_secret *out)
{
    const bool again = (unsigned)label >= WT_LABEL_MASTER_AGAIN;
    if ((unsigned)label >= WT_LABEL_COUNT && !again)
        return false;
    out->label = (uint8_t)label;
    return wt_pool_find(&log->secrets, again ? WT_BY_RANDOM : labels[label].by, by, (uint8_t)label, &out->source,
                        &out->bytes);
}

bool wt_keylog_has(const struct wt_keylog *log, const uint8_t random[32])
{
    return wt_pool_has(&log->secrets, WT_BY_RANDOM, wt_span_of(random, RANDOM_BYTES));
}

void wt_keylog_forget(struct wt_keylog *log, const uint8_t random[32])
{
    wt_pool_forget(&log->secrets, WT_BY_RANDOM, wt_span_of(random, RANDOM_BYTES));
}

void wt_keylog_expire(struct wt_keylog *log, uint16_t minute)
{
    wt_pool_expire(&log->secrets, minute);
}

struct wt_keylog_count wt_keylog_count(const struct wt_keylog *log)
{
    struct wt_keylog_count count = log->count;
    count.secrets = log->secrets.count;
    count.bytes = wt_pool_bytes(&log->secrets);
    count.randoms = log->secrets.randoms;
    return count;
}

const struct wt_problem *wt_keylog_first_fault(const struct wt_keylog *log)
{
    return log->count.faults ? &log->first : NULL;
}
