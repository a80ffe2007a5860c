#include "keys/keylog.h"

#include "crypto/library.h"
#include "keys/hex.h"
#include "keys/pool.h"
#include "registry/limits.h"

#include <stdlib.h>

enum { RANDOM_BYTES = 32, ENCRYPTED_BYTES = 8, SESSION_MOST = 32, NAME_MOST = 40 };

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
    void (*fault)(void *context, const struct wt_keys_fault *fault);
    void *context;
};

struct wt_keylog_source {
    struct wt_keylog *log;
    char *name;
    uint8_t kind;     /* enum wt_secret_source */
    bool return_last; /* the text so far ends with CR: a LF right behind it ends no other line */
    bool too_long;    /* the current line is over its limit, and told; the rest of it is passed over */
    bool zeros;       /* NUL bytes before the current line were told */
    bool foreign;     /* no key log at all: nothing of it is looked at */
    uint64_t line;    /* of the current line, from 1 */
    size_t before;    /* bytes of the current line that were passed over: a byte order mark, NUL bytes */
    size_t n;         /* bytes held of a line whose end has not come */
    uint8_t held[WT_LIMIT_KEYLOG_LINE];
};

/* A line, and how far it was read. */
struct cursor {
    const uint8_t *start, *p, *end;
};

const char *wt_label_name(enum wt_label label)
{
    return (unsigned)label < WT_LABEL_COUNT ? labels[label].name : NULL;
}

/* `at` counts from 0 in the line as it was taken. */
static void fault_with(struct wt_keylog_source *s, size_t at, struct wt_problem problem)
{
    s->log->count.faults++;
    if (!s->log->fault)
        return;
    size_t column = s->before + at + 1;
    const struct wt_keys_fault f = {s->name, s->line, column < UINT32_MAX ? (unsigned)column : UINT32_MAX, &problem};
    s->log->fault(s->log->context, &f);
}

static void fault(struct wt_keylog_source *s, size_t at, enum wt_problem_id id)
{
    fault_with(s, at, (struct wt_problem){.id = id});
}

static void blanks(struct cursor *c)
{
    while (c->p < c->end && (*c->p == ' ' || *c->p == '\t'))
        c->p++;
}

static bool blank_here(const struct cursor *c)
{
    return c->p == c->end || *c->p == ' ' || *c->p == '\t';
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
    fault_with(s, at, problem);
}

/* Takes the label; NULL when there is none, which was told. */
static const struct label *take_label(struct wt_keylog_source *s, struct cursor *c)
{
    struct wt_span word = {c->p, 0};
    while (!blank_here(c))
        c->p++;
    word.n = (size_t)(c->p - word.p);
    const struct label *l = label_of(word);
    if (!l) {
        unknown_label(s, c, word);
        return NULL;
    }
    blanks(c);
    return l->id == WT_LABEL_RSA && skip(c, "Session-ID:") ? &labels[WT_LABEL_SESSION] : l;
}

/* Hex digits up to the next blank: their number, or SIZE_MAX when something else stands among them, which was told. */
static size_t take_digits(struct wt_keylog_source *s, struct cursor *c, uint8_t *out)
{
    size_t digits = wt_hex_read(wt_span_of(c->p, (size_t)(c->end - c->p)), out, WT_LIMIT_KEYLOG_LINE / 2);
    c->p += digits;
    if (blank_here(c))
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
    fault_with(s, at, (struct wt_problem){.id = id, .name = l->name, .value = {digits, 2u * l->least, 2u * l->most}});
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
    blanks(c);
    if (digits % 2)
        digits_fault(s, at, WT_PROBLEM_KEYLOG_ODD, l, digits);
    else if (l->least == l->most && digits != 2u * l->most)
        digits_fault(s, at, WT_PROBLEM_KEYLOG_LENGTH, l, digits);
    else if (digits < 2u * l->least || digits > 2u * l->most)
        digits_fault(s, at, WT_PROBLEM_KEYLOG_RANGE, l, digits);
    else if (c->p != c->end)
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
    switch (wt_pool_add(&log->secrets, l->by, by, l->id, s->kind, secret)) {
    case WT_ADDED:
    case WT_ADDED_SAME:
        break;
    case WT_ADDED_OTHER:
        fault(s, 0, WT_PROBLEM_KEYLOG_OTHER);
        break;
    case WT_ADDED_REFUSED:
        log->count.refused++;
        break;
    }
}

/* One line without its end.
 *
 * RFC 9850, 2: "Lines are ignored if they are empty or if the first character is an octothorpe character"; "three
 * values that are separated by a single space character". Blanks at either end, and more than one between, are let
 * pass: people edit these files. */
static void take_line(struct wt_keylog_source *s, struct wt_span line)
{
    uint8_t by[WT_LIMIT_KEYLOG_LINE / 2], secret[WT_LIMIT_KEYLOG_LINE / 2];
    struct cursor c = {line.p, line.p, line.p + line.n};
    size_t n = 0, by_n;
    blanks(&c);
    if (c.p == c.end || *c.p == '#')
        return;
    const struct label *l = take_label(s, &c);
    if (!l || !(by_n = take_by(s, &c, l, by)))
        return;
    blanks(&c);
    if (take_secret(s, &c, l, secret, &n))
        keep(s, l, wt_span_of(by, by_n), wt_span_of(secret, n));
    wt_wipe(secret, line.n / 2);
}

static void begin_line(struct wt_keylog_source *s)
{
    s->line++;
    s->n = 0;
    s->before = 0;
    s->too_long = false;
    s->zeros = false;
}

static void too_long(struct wt_keylog_source *s)
{
    if (!s->too_long)
        fault_with(s, 0, (struct wt_problem){.id = WT_PROBLEM_KEYLOG_LONG, .value = {WT_LIMIT_KEYLOG_LINE}});
    s->too_long = true;
    wt_wipe(s->held, s->n);
    s->n = 0;
}

/* Puts bytes of a line whose end is not there yet by. */
static void hold(struct wt_keylog_source *s, struct wt_span piece)
{
    if (s->too_long || !piece.n)
        return;
    if (piece.n > sizeof s->held - s->n) {
        too_long(s);
        return;
    }
    memcpy(s->held + s->n, piece.p, piece.n);
    s->n += piece.n;
}

/* The rest of a line has come. */
static void end_line(struct wt_keylog_source *s, struct wt_span rest)
{
    if (s->n) {
        hold(s, rest);
        if (!s->too_long)
            take_line(s, wt_span_of(s->held, s->n));
        wt_wipe(s->held, s->n);
    } else if (rest.n > WT_LIMIT_KEYLOG_LINE) {
        too_long(s);
    } else if (!s->too_long) {
        take_line(s, rest);
    }
    begin_line(s);
}

/* A log that was cut while its writer had it open begins with a run of NUL bytes: its first line stands behind them. */
static struct wt_span pass_zeros(struct wt_keylog_source *s, struct wt_span text)
{
    size_t n = 0;
    if (s->n || s->too_long)
        return text;
    while (n < text.n && text.p[n] == 0)
        n++;
    if (n && !s->zeros)
        fault(s, 0, WT_PROBLEM_KEYLOG_NUL);
    s->zeros = s->zeros || n;
    s->before += n;
    return wt_span_cut(text, n, text.n);
}

/* How the text begins. RFC 9850, 2: "the file MUST NOT contain a Unicode byte order mark (U+FEFF)": waived, some
 * editors write one all the same. UTF-16, which a shell of Windows makes of a program's output, is no key log at all.
 * Bytes are held until it is sure. False: more bytes are needed. */
static bool begin(struct wt_keylog_source *s, struct wt_span *text)
{
    static const uint8_t mark[] = {0xef, 0xbb, 0xbf};
    size_t known = s->n;
    while (known < sizeof mark && text->n) {
        s->held[known++] = text->p[0];
        *text = wt_span_cut(*text, 1, text->n);
    }
    s->n = known;
    if (known >= 2 && ((s->held[0] == 0xff && s->held[1] == 0xfe) || (s->held[0] == 0xfe && s->held[1] == 0xff))) {
        s->line = 1;
        s->n = 0;
        s->foreign = true;
        fault(s, 0, WT_PROBLEM_KEYLOG_UTF16);
        return false;
    }
    if (known == 1 && (s->held[0] == 0xff || s->held[0] == 0xfe))
        return false;
    return known == sizeof mark || memcmp(s->held, mark, known) != 0;
}

static void lines(struct wt_keylog_source *s, struct wt_span text);

/* The first bytes, once they are enough to judge. */
static void start(struct wt_keylog_source *s)
{
    static const uint8_t mark[] = {0xef, 0xbb, 0xbf};
    uint8_t first[sizeof mark];
    size_t n = s->n;
    memcpy(first, s->held, n);
    begin_line(s);
    if (n == sizeof mark && memcmp(first, mark, n) == 0)
        s->before = n;
    else
        lines(s, wt_span_of(first, n));
}

/* Ends lines inside `text` at CR, LF or CRLF: RFC 9850, 2: "Tools that process these files MUST accept CRLF […], CR
 * […], or LF […] as a line terminator". The search for CR stays inside what the next LF bounds. */
static void lines(struct wt_keylog_source *s, struct wt_span text)
{
    const uint8_t *p = text.p, *end = text.p + text.n;
    while (p < end) {
        const uint8_t *feed = memchr(p, '\n', (size_t)(end - p)), *bound = feed ? feed : end, *mark;
        while ((mark = memchr(p, '\r', (size_t)(bound - p)))) {
            s->return_last = false;
            struct wt_span rest = wt_span_of(p, (size_t)(mark - p));
            end_line(s, pass_zeros(s, rest));
            s->return_last = true;
            p = mark + 1;
        }
        struct wt_span rest = wt_span_of(p, (size_t)(bound - p));
        bool empty = s->return_last && !rest.n;
        if (rest.n) {
            s->return_last = false;
            rest = pass_zeros(s, rest);
        }
        if (!feed) {
            hold(s, rest);
            return;
        }
        if (!empty)
            end_line(s, rest);
        s->return_last = false;
        p = feed + 1;
    }
}

void wt_keylog_feed(struct wt_keylog_source *s, struct wt_span text)
{
    if (s->foreign || !text.n)
        return;
    if (!s->line) {
        if (!begin(s, &text))
            return;
        start(s);
    }
    lines(s, text);
}

struct wt_keylog_source *wt_keylog_source(struct wt_keylog *log, const char *name, enum wt_secret_source kind)
{
    struct wt_keylog_source *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->log = log;
    s->kind = (uint8_t)kind;
    s->name = strdup(name ? name : "");
    if (!s->name) {
        free(s);
        return NULL;
    }
    return s;
}

void wt_keylog_source_end(struct wt_keylog_source *s)
{
    if (!s)
        return;
    if (!s->line && !s->foreign && s->n)
        start(s);
    if (s->n)
        end_line(s, (struct wt_span){0});
    wt_wipe(s->held, sizeof s->held);
    free(s->name);
    free(s);
}

struct wt_keylog *wt_keylog_new(void (*on_fault)(void *context, const struct wt_keys_fault *fault), void *context)
{
    struct wt_keylog *log = calloc(1, sizeof *log);
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
    if ((unsigned)label >= WT_LABEL_COUNT)
        return false;
    out->label = (uint8_t)label;
    return wt_pool_find(&log->secrets, labels[label].by, by, (uint8_t)label, &out->source, &out->bytes);
}

bool wt_keylog_has(const struct wt_keylog *log, const uint8_t random[32])
{
    return wt_pool_has(&log->secrets, WT_BY_RANDOM, wt_span_of(random, RANDOM_BYTES));
}

struct wt_keylog_count wt_keylog_count(const struct wt_keylog *log)
{
    struct wt_keylog_count count = log->count;
    count.secrets = log->secrets.count;
    count.bytes = wt_pool_bytes(&log->secrets);
    return count;
}
