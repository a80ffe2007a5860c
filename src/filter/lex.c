#include "filter/lex.h"

#include "base/i18n.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>

void *wt_filter_fail(struct wt_filter_lexer *l, unsigned column, unsigned length, const char *format, ...)
{
    va_list args;
    if (l->failed)
        return NULL;
    l->failed = true;
    l->token = WT_TOKEN_BROKEN;
    /* what was expected at the end has no bytes there */
    l->error->column = column - 1 < l->n ? column : (unsigned)l->n + 1;
    l->error->length = length < l->n - (l->error->column - 1) ? length : (unsigned)(l->n - (l->error->column - 1));
    va_start(args, format);
    (void)vsnprintf(l->error->message, sizeof l->error->message, format, args);
    va_end(args);
    return NULL;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (uint8_t)c >= 0x80 ||
           (c && strchr("_.:-/+", c));
}

/* --- strings -------------------------------------------------------------------------------------------------------
 */

static int digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : 99;
}

/* Digits of `base` from `at` on: at least `least` and at most `most`; false when there are too few. */
static bool read_digits(struct wt_filter_lexer *l, unsigned base, unsigned least, unsigned most, uint32_t *value)
{
    unsigned n = 0;
    *value = 0;
    for (; n < most && l->at < l->n && digit(l->text[l->at]) < (int)base; n++)
        *value = *value * base + (uint32_t)digit(l->text[l->at++]);
    return n >= least;
}

/* What stands behind a backslash, written to out; at is on it. 0 when it is no escape. */
static size_t escape(struct wt_filter_lexer *l, uint8_t *out)
{
    static const char letters[] = "abfnrtv\\'\"", meant[] = "\a\b\f\n\r\t\v\\'\"";
    uint32_t value;
    if (l->at == l->n)
        return 0;
    char c = l->text[l->at];
    const char *letter = c ? strchr(letters, c) : NULL;
    if (letter) {
        l->at++;
        out[0] = (uint8_t)meant[letter - letters];
        return 1;
    }
    if (digit(c) < 8) {
        if (!read_digits(l, 8, 1, 3, &value) || value > 255)
            return 0;
        out[0] = (uint8_t)value;
        return 1;
    }
    l->at++;
    if (c == 'x') {
        if (!read_digits(l, 16, 1, 2, &value))
            return 0;
        out[0] = (uint8_t)value;
        return 1;
    }
    unsigned width = c == 'u' ? 4 : c == 'U' ? 8 : 0;
    if (!width || !read_digits(l, 16, width, width, &value) || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
        return 0;
    return wt_utf8_put(out, value);
}

/* Bytes from the opening quote to the closing one, or to the end. */
static size_t string_length(const struct wt_filter_lexer *l, char quote, bool raw)
{
    size_t at = l->at + 1;
    while (at < l->n && l->text[at] != quote)
        at += l->text[at] == '\\' && at + 1 < l->n && (!raw || l->text[at + 1] == quote) ? 2 : 1;
    return at - l->at;
}

/* From the opening quote on. In a raw string a backslash is itself, and also hides a quote (and stays). */
static void string(struct wt_filter_lexer *l, char quote, bool raw)
{
    size_t n = 0;
    uint8_t *out =
        wt_arena_alloc(l->arena, string_length(l, quote, raw) + 4); /* no escape is shorter than what it means */
    l->at++;
    while (out && l->at < l->n && l->text[l->at] != quote) {
        char c = l->text[l->at++];
        if (c != '\\') {
            out[n++] = (uint8_t)c;
        } else if (raw) {
            out[n++] = '\\';
            if (l->at < l->n && l->text[l->at] == quote)
                out[n++] = (uint8_t)l->text[l->at++];
        } else {
            size_t from = l->at - 1, more = escape(l, out + n);
            if (!more) {
                (void)wt_filter_fail(l, (unsigned)from + 1, (unsigned)(l->at - from),
                                     _("invalid escape sequence; write a literal backslash as \\\\ or use r\"…\""));
                return;
            }
            n += more;
        }
    }
    if (!out) {
        (void)wt_filter_fail_here(l, _("out of memory"));
        return;
    }
    if (l->at == l->n) {
        (void)wt_filter_fail(l, (unsigned)l->start + 1, 1, _("unterminated string; expected %c"), quote);
        return;
    }
    l->at++;
    l->token = quote == '"' ? WT_TOKEN_STRING : WT_TOKEN_CHARACTER;
    l->value = wt_span_of(out, n);
    if (l->token == WT_TOKEN_CHARACTER && n != 1)
        (void)wt_filter_fail_here(l, _("expected one character between single quotes; strings take double quotes"));
}

/* --- operators -----------------------------------------------------------------------------------------------------
 */

struct sign {
    const char *text;
    enum wt_filter_token token;
};

/* A longer sign stands before the one that it starts with. */
static const struct sign signs[] = {
    {"===", WT_TOKEN_ALL_EQ}, {"!==", WT_TOKEN_ANY_NE}, {"==", WT_TOKEN_EQ},       {"!=", WT_TOKEN_NE},
    {"~=", WT_TOKEN_ANY_NE},  {"<=", WT_TOKEN_LE},      {">=", WT_TOKEN_GE},       {"&&", WT_TOKEN_AND},
    {"||", WT_TOKEN_OR},      {"^^", WT_TOKEN_XOR},     {"<", WT_TOKEN_LT},        {">", WT_TOKEN_GT},
    {"&", WT_TOKEN_MASK},     {"!", WT_TOKEN_NOT},      {"~", WT_TOKEN_MATCHES},   {"(", WT_TOKEN_OPEN},
    {")", WT_TOKEN_CLOSE},    {"{", WT_TOKEN_OPEN_SET}, {"}", WT_TOKEN_CLOSE_SET}, {"[", WT_TOKEN_OPEN_SLICE},
    {",", WT_TOKEN_COMMA},    {"..", WT_TOKEN_RANGE},
};

static const struct sign words[] = {
    {"and", WT_TOKEN_AND},         {"or", WT_TOKEN_OR}, {"xor", WT_TOKEN_XOR},
    {"not", WT_TOKEN_NOT},         {"eq", WT_TOKEN_EQ}, {"any_eq", WT_TOKEN_EQ},
    {"all_eq", WT_TOKEN_ALL_EQ},   {"ne", WT_TOKEN_NE}, {"all_ne", WT_TOKEN_NE},
    {"any_ne", WT_TOKEN_ANY_NE},   {"lt", WT_TOKEN_LT}, {"gt", WT_TOKEN_GT},
    {"le", WT_TOKEN_LE},           {"ge", WT_TOKEN_GE}, {"contains", WT_TOKEN_CONTAINS},
    {"matches", WT_TOKEN_MATCHES}, {"in", WT_TOKEN_IN}, {"bitwise_and", WT_TOKEN_MASK},
};

enum wt_filter_token wt_filter_operator(const struct wt_filter_lexer *l)
{
    if (l->token != WT_TOKEN_WORD)
        return l->token;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (wt_span_equal(l->value, wt_span_text(words[i].text)))
            return words[i].token;
    return WT_TOKEN_WORD;
}

static void sign(struct wt_filter_lexer *l)
{
    struct wt_span rest = wt_span_of(l->text + l->at, l->n - l->at);
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (wt_span_starts(rest, signs[i].text)) {
            l->token = signs[i].token;
            l->at += strlen(signs[i].text);
            return;
        }
    l->at++;
    switch (rest.p[0]) {
    case '=':
        (void)wt_filter_fail_here(l, _("expected =="));
        break;
    case '|':
        (void)wt_filter_fail_here(l, _("expected ||"));
        break;
    case '^':
        (void)wt_filter_fail_here(l, _("expected ^^"));
        break;
    default:
        (void)wt_filter_fail_here(l, _("unexpected character; text takes double quotes"));
        break;
    }
}

void wt_filter_lex(struct wt_filter_lexer *l)
{
    if (l->failed)
        return;
    while (l->at < l->n && is_space(l->text[l->at]))
        l->at++;
    l->start = l->at;
    const char *p = l->text + l->at;
    size_t left = l->n - l->at;
    if (left == 0) {
        l->token = WT_TOKEN_END;
    } else if (*p == '"' || *p == '\'') {
        string(l, *p, false);
    } else if ((*p == 'r' || *p == 'R') && left > 1 && p[1] == '"') {
        l->at++;
        string(l, '"', true);
    } else if (is_word(*p) && !(left > 1 && p[0] == '.' && p[1] == '.')) {
        while (l->at < l->n && is_word(l->text[l->at]) &&
               !(l->at + 1 < l->n && l->text[l->at] == '.' && l->text[l->at + 1] == '.'))
            l->at++;
        l->token = WT_TOKEN_WORD;
        l->value = wt_span_of(p, l->at - l->start);
    } else {
        sign(l);
    }
}

/* --- slices ---------------------------------------------------------------------------------------------------------
 */

static void skip_space(struct wt_filter_lexer *l)
{
    while (l->at < l->n && is_space(l->text[l->at]))
        l->at++;
}

static bool take(struct wt_filter_lexer *l, char c)
{
    skip_space(l);
    if (l->at == l->n || l->text[l->at] != c)
        return false;
    l->at++;
    return true;
}

static bool offset(struct wt_filter_lexer *l, bool sign_allowed, int32_t *value)
{
    bool minus = sign_allowed && take(l, '-');
    uint32_t n = 0;
    skip_space(l);
    size_t from = l->at;
    if (!read_digits(l, 10, 1, 8, &n) || (l->at < l->n && digit(l->text[l->at]) < 10)) {
        (void)wt_filter_fail(l, (unsigned)from + 1, 1, _("expected an offset of at most eight digits"));
        return false;
    }
    *value = minus ? -(int32_t)n : (int32_t)n;
    return true;
}

/* "i:j", "i-j", "i", ":j", "i:" */
static bool part(struct wt_filter_lexer *l, struct wt_filter_part *p)
{
    *p = (struct wt_filter_part){.end = WT_FILTER_TO_END, .length = -1};
    if (take(l, ':'))
        return offset(l, false, &p->length);
    if (!offset(l, true, &p->start))
        return false;
    if (take(l, '-'))
        return offset(l, true, &p->end);
    if (!take(l, ':')) {
        p->length = 1;
        return true;
    }
    skip_space(l);
    bool open = l->at < l->n && (l->text[l->at] == ']' || l->text[l->at] == ',');
    return open || offset(l, false, &p->length);
}

bool wt_filter_lex_slice(struct wt_filter_lexer *l, struct wt_filter_node *node)
{
    enum { MOST = 16 };
    node->parts = wt_arena_alloc(l->arena, MOST * sizeof *node->parts);
    do {
        if (!node->parts || node->part_count == MOST) {
            (void)wt_filter_fail_here(l, _("a slice has at most %d parts"), MOST);
            return false;
        }
        if (!part(l, &node->parts[node->part_count++]))
            return false;
    } while (take(l, ','));
    if (!take(l, ']')) {
        (void)wt_filter_fail(l, (unsigned)l->at + 1, 1, _("expected ] after the slice"));
        return false;
    }
    wt_filter_lex(l);
    return !l->failed;
}
