/* From what was typed to the value that is meant. */
#include "filter/literal.h"

#include "base/i18n.h"
#include "filter/lex.h"
#include "story/words.h"

#include <arpa/inet.h>
#include <stdio.h>

/* What is shown of a long literal in a message. */
#define SHOWN(n) ((int)((n)->text.n < 60 ? (n)->text.n : 60)), (const char *)(n)->text.p

static bool wrong(struct wt_filter_lexer *l, const struct wt_filter_node *n, const char *expected)
{
    (void)wt_filter_fail(l, n->column, n->length, _("expected %s, not \"%.*s\""), expected, SHOWN(n));
    return false;
}

/* Room for n ranges in the constant, the first one set to value. */
static bool keep(struct wt_filter_lexer *l, struct wt_filter_node *constant, size_t n)
{
    constant->ranges = wt_arena_alloc(l->arena, n * sizeof *constant->ranges);
    constant->range_count = n;
    if (!constant->ranges)
        (void)wt_filter_fail_here(l, _("out of memory"));
    return constant->ranges != NULL;
}

static bool one(struct wt_filter_lexer *l, struct wt_filter_node *constant, struct wt_filter_value value)
{
    if (!keep(l, constant, 1))
        return false;
    constant->ranges[0] = (struct wt_filter_range){value, value};
    return true;
}

/* --- numbers --------------------------------------------------------------------------------------------------------
 */

static int digit(uint8_t c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : 99;
}

/* Decimal, 0x…, 0b…, and octal with a leading 0, as C has them. */
static bool parse_number(struct wt_span s, int64_t *number)
{
    int base = 10;
    uint64_t value = 0;
    bool minus = s.n > 1 && s.p[0] == '-';
    s = wt_span_cut(s, minus, SIZE_MAX);
    if (s.n > 2 && s.p[0] == '0' && (s.p[1] | 32) == 'x')
        base = 16;
    else if (s.n > 2 && s.p[0] == '0' && (s.p[1] | 32) == 'b')
        base = 2;
    else if (s.n > 1 && s.p[0] == '0')
        base = 8;
    s = wt_span_cut(s, base == 16 || base == 2 ? 2 : 0, SIZE_MAX);
    for (size_t i = 0; i < s.n; i++) {
        int d = digit(s.p[i]);
        if (d >= base || value > ((uint64_t)INT64_MAX - (uint64_t)d) / (uint64_t)base)
            return false;
        value = value * (uint64_t)base + (uint64_t)d;
    }
    *number = minus ? -(int64_t)value : (int64_t)value;
    return s.n > 0;
}

/* Names are taken as people write them: "Client Hello" is client_hello. */
static uint8_t folded(uint8_t c)
{
    return c == ' ' || c == '-' ? '_' : c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

static bool same_name(const char *name, struct wt_span s)
{
    size_t i = 0;
    for (; i < s.n && name[i]; i++)
        if (folded((uint8_t)name[i]) != folded(s.p[i]))
            return false;
    return i == s.n && !name[i];
}

/* Every code point with the name; for GREASE that is more than one. */
static bool parse_name(struct wt_filter_lexer *l, enum wt_registry registry, struct wt_span s,
                       struct wt_filter_node *constant)
{
    uint64_t end = wt_registry_width(registry) == 1 ? 256 : 65536, found[256];
    size_t n = 0;
    for (uint64_t v = 0; v < end && n < 256; v++) {
        const char *name = wt_registry_name(registry, v);
        if (name && same_name(name, s))
            found[n++] = v;
    }
    if (n == 0 || !keep(l, constant, n))
        return false;
    for (size_t i = 0; i < n; i++)
        constant->ranges[i].low.number = constant->ranges[i].high.number = (int64_t)found[i];
    return true;
}

static bool number(struct wt_filter_lexer *l, const struct wt_filter_node *operand, const struct wt_filter_node *n,
                   struct wt_filter_node *constant)
{
    struct wt_filter_value v = {0};
    unsigned bits = operand->registry ? 8 * wt_registry_width(operand->registry)
                    : operand->field  ? operand->field->bits
                                      : 63;
    if (parse_number(n->text, &v.number)) {
        if (bits && bits < 63 && (v.number < 0 || v.number >> bits)) {
            (void)wt_filter_fail(l, n->column, n->length, _("%.*s is out of range; the largest value is %llu"),
                                 SHOWN(n), (1ULL << bits) - 1);
            return false;
        }
        return one(l, constant, v);
    }
    if (operand->registry && parse_name(l, operand->registry, n->text, constant))
        return true;
    return wrong(l, n, operand->registry ? _("a number or a registered name") : _("a number"));
}

static bool boolean(struct wt_filter_lexer *l, const struct wt_filter_node *n, struct wt_filter_node *constant)
{
    struct wt_filter_value v = {0};
    if (same_name("true", n->text))
        v.number = 1;
    else if (!same_name("false", n->text) && !parse_number(n->text, &v.number))
        return wrong(l, n, _("true, false, 1 or 0"));
    v.number = v.number != 0;
    return one(l, constant, v);
}

/* Digits at *at, up to `most`; false when there is none. */
static bool take_digits(struct wt_span s, size_t *at, size_t most, int64_t *value)
{
    size_t from = *at;
    for (*value = 0; *at < s.n && *at - from < most && s.p[*at] >= '0' && s.p[*at] <= '9'; ++*at)
        *value = *value * 10 + (s.p[*at] - '0');
    return *at > from;
}

/* ".123": nanoseconds; nothing is zero. */
static bool take_fraction(struct wt_span s, size_t *at, int64_t *ns)
{
    int64_t unit = 100000000;
    *ns = 0;
    if (*at == s.n || s.p[*at] != '.')
        return true;
    size_t from = ++*at;
    for (; *at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9'; ++*at, unit /= 10)
        *ns += unit * (s.p[*at] - '0');
    return *at > from;
}

static bool seconds(struct wt_filter_lexer *l, const struct wt_filter_node *n, struct wt_filter_node *constant)
{
    bool minus = n->text.n && n->text.p[0] == '-';
    size_t at = minus;
    int64_t whole = 0, ns = 0;
    bool digits = take_digits(n->text, &at, 9, &whole);
    bool fraction = take_fraction(n->text, &at, &ns);
    if (!fraction || at != n->text.n || (!digits && at == (size_t)minus))
        return wrong(l, n, _("a number of seconds"));
    ns += whole * 1000000000;
    return one(l, constant, (struct wt_filter_value){.number = minus ? -ns : ns});
}

/* --- times ----------------------------------------------------------------------------------------------------------
 */

static int64_t days_of(int64_t y, int64_t m, int64_t d)
{
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
    int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static bool take(struct wt_span s, size_t *at, char c)
{
    if (*at == s.n || s.p[*at] != (uint8_t)c)
        return false;
    ++*at;
    return true;
}

static bool take_date(struct wt_span s, size_t *at, int64_t *days)
{
    int64_t y, m, d;
    if (!take_digits(s, at, 4, &y) || !take(s, at, '-') || !take_digits(s, at, 2, &m) || !take(s, at, '-') ||
        !take_digits(s, at, 2, &d))
        return false;
    *days = days_of(y, m, d);
    /* 64 bits of nanoseconds hold 1678 to 2261 */
    return y >= 1678 && y <= 2261 && m >= 1 && m <= 12 && d >= 1 && d <= 31;
}

static bool take_clock(struct wt_span s, size_t *at, int64_t *second, int64_t *ns)
{
    int64_t h, m, sec = 0;
    *ns = 0;
    if (!take_digits(s, at, 2, &h) || !take(s, at, ':') || !take_digits(s, at, 2, &m))
        return false;
    if (take(s, at, ':') && (!take_digits(s, at, 2, &sec) || !take_fraction(s, at, ns)))
        return false;
    *second = h * 3600 + m * 60 + sec;
    return h < 24 && m < 60 && sec <= 60;
}

/* "2014-03-01", "2014-03-01 12:00:00.5", "…T…", "…Z", "…+01:00"; in UTC when it does not say, as all times that we
 * print are. */
static bool parse_time(struct wt_span s, int64_t *out)
{
    size_t at = 0;
    int64_t days, second = 0, ns = 0, h, m = 0;
    if (!take_date(s, &at, &days))
        return false;
    if (at < s.n && (take(s, &at, 'T') || take(s, &at, ' ')) && !take_clock(s, &at, &second, &ns))
        return false;
    bool plus = at < s.n && s.p[at] == '+', minus = at < s.n && s.p[at] == '-';
    if (plus || minus) {
        at++;
        if (!take_digits(s, &at, 2, &h))
            return false;
        (void)take(s, &at, ':');
        if (at < s.n && !take_digits(s, &at, 2, &m))
            return false;
        second += (plus ? -1 : 1) * (h * 3600 + m * 60);
    } else {
        (void)take(s, &at, 'Z');
    }
    *out = (days * 86400 + second) * 1000000000 + ns;
    return at == s.n;
}

static bool time_of(struct wt_filter_lexer *l, const struct wt_filter_node *n, struct wt_filter_node *constant)
{
    struct wt_filter_value v = {0};
    if (!parse_time(n->text, &v.number))
        return wrong(l, n, _("a time such as \"2014-03-01 12:00:00\""));
    return one(l, constant, v);
}

/* --- strings and bytes ----------------------------------------------------------------------------------------------
 */

/* The word of a field that has few; NULL when it is none of them: a typing error that would hide. */
static const char *word_of(struct wt_filter_lexer *l, const struct wt_filter_field *field,
                           const struct wt_filter_node *n)
{
    char all[160] = "";
    size_t used = 0;
    const char *word;
    for (size_t i = 0; (word = wt_words_at((enum wt_words)field->words, i)) != NULL; i++) {
        if (same_name(word, n->text))
            return word;
        int more = snprintf(all + used, sizeof all - used, "%s%s", used ? ", " : "", word);
        if (more > 0 && used + (size_t)more < sizeof all)
            used += (size_t)more;
    }
    (void)wt_filter_fail(l, n->column, n->length, _("%s must be one of: %s"), field->name, all);
    return NULL;
}

static bool string(struct wt_filter_lexer *l, const struct wt_filter_node *operand, const struct wt_filter_node *n,
                   struct wt_filter_node *constant)
{
    struct wt_filter_value v = {.bytes = n->text};
    if (operand->op == WT_FILTER_FIELD && operand->field && operand->field->words) {
        const char *word = word_of(l, operand->field, n);
        if (!word)
            return false;
        v.bytes = wt_span_text(word);
    }
    return one(l, constant, v);
}

static bool is_separator(uint8_t c)
{
    return c == ':' || c == '-' || c == '.';
}

/* "aa:bb", "aa-bb", "aa.bb", "aabb"; "0x02" is one byte. In quotes: the text's own bytes. */
static bool bytes(struct wt_filter_lexer *l, const struct wt_filter_node *n, struct wt_filter_node *constant)
{
    struct wt_span s = n->text;
    if (n->quoted)
        return one(l, constant, (struct wt_filter_value){.bytes = s});
    if (s.n > 2 && s.n <= 4 && s.p[0] == '0' && s.p[1] == 'x')
        s = wt_span_cut(s, 2, SIZE_MAX);
    uint8_t *out = wt_arena_alloc(l->arena, s.n / 2 + 2);
    size_t count = 0, i = 0;
    bool well = s.n > 0 && out;
    while (well && i < s.n) {
        if (count && is_separator(s.p[i]))
            i++;
        if (i == s.n || digit(s.p[i]) > 15) {
            well = false;
            break;
        }
        int value = digit(s.p[i++]);
        if (i < s.n && digit(s.p[i]) <= 15)
            value = value * 16 + digit(s.p[i++]);
        else if (i < s.n && !is_separator(s.p[i]))
            well = false;
        out[count++] = (uint8_t)value;
    }
    if (!well)
        return wrong(l, n, _("bytes such as 01:ab:ff or a string in double quotes"));
    return one(l, constant, (struct wt_filter_value){.bytes = wt_span_of(out, count)});
}

/* --- addresses ------------------------------------------------------------------------------------------------------
 */

static bool parse_address(struct wt_span s, struct wt_filter_value *v)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    char text[64];
    int64_t prefix;
    const uint8_t *slash = s.n ? memchr(s.p, '/', s.n) : NULL;
    size_t n = slash ? (size_t)(slash - s.p) : s.n, at = n + 1;
    if (n >= sizeof text)
        return false;
    if (n)
        memcpy(text, s.p, n);
    text[n] = 0;
    bool v4 = inet_pton(AF_INET, text, v->address.ip + 12) == 1;
    if (v4)
        memcpy(v->address.ip, mapped, sizeof mapped);
    else if (inet_pton(AF_INET6, text, v->address.ip) != 1)
        return false;
    v->address.prefix = 128;
    if (!slash)
        return true;
    if (!take_digits(s, &at, 3, &prefix) || at != s.n || prefix > (v4 ? 32 : 128))
        return false;
    v->address.prefix = (uint8_t)(prefix + (v4 ? 96 : 0));
    return true;
}

static bool address(struct wt_filter_lexer *l, const struct wt_filter_node *operand, const struct wt_filter_node *n,
                    struct wt_filter_node *constant)
{
    struct wt_filter_value v = {0};
    const char *name = operand->field ? operand->field->name : "";
    bool only4 = strncmp(name, "ip.", 3) == 0, only6 = strncmp(name, "ipv6.", 5) == 0;
    bool well = parse_address(n->text, &v);
    bool v4 = well && memchr(n->text.p, ':', n->text.n) == NULL;
    if (!well || (only4 && !v4) || (only6 && v4))
        return wrong(l, n,
                     only4   ? _("an IPv4 address with optional prefix length: 10.0.0.0/8")
                     : only6 ? _("an IPv6 address with optional prefix length: 2001:db8::/32")
                             : _("an IP address with optional prefix length"));
    return one(l, constant, v);
}

bool wt_filter_literal(struct wt_filter_lexer *l, const struct wt_filter_node *operand,
                       const struct wt_filter_node *literal, struct wt_filter_node *constant)
{
    const struct wt_filter_node n = *literal; /* it may be the constant itself */
    bool well = false;
    switch (operand->kind) {
    case WT_FILTER_NUMBER:
        well = number(l, operand, &n, constant);
        break;
    case WT_FILTER_BOOLEAN:
        well = boolean(l, &n, constant);
        break;
    case WT_FILTER_SECONDS:
        well = seconds(l, &n, constant);
        break;
    case WT_FILTER_TIME:
        well = time_of(l, &n, constant);
        break;
    case WT_FILTER_STRING:
        well = string(l, operand, &n, constant);
        break;
    case WT_FILTER_BYTES:
        well = bytes(l, &n, constant);
        break;
    case WT_FILTER_ADDRESS:
        well = address(l, operand, &n, constant);
        break;
    default:
        return wrong(l, &n, _("a field with a value"));
    }
    constant->kind = operand->kind;
    constant->registry = operand->registry;
    return well;
}
