/* The answer of a filter for one connection. */
#include "filter/eval.h"

#include "filter/values.h"
#include "registry/limits.h"

#include <stdio.h>

/* What one answer needs: strings that functions make live as long as it. */
struct answer {
    const struct wt_filter *filter;
    const struct wt_connection *connection;
    struct wt_arena arena;
    bool limited; /* not all was looked at */
};

static void values_of(struct answer *a, const struct wt_filter_node *n, struct wt_filter_values *out);

/* --- values as text --------------------------------------------------------------------------------------------------
 */

static struct wt_span formatted(struct answer *a, const char *text)
{
    return wt_arena_copy(&a->arena, wt_span_text(text));
}

/* A code point is its name; one without a name its digits, as in JSON. */
static struct wt_span text_of(struct answer *a, const struct wt_filter_node *n, const struct wt_filter_value *v)
{
    char text[46];
    struct wt_address address;
    switch (n->kind) {
    case WT_FILTER_NUMBER: {
        const char *name = n->registry ? wt_registry_name(n->registry, (uint64_t)v->number) : NULL;
        if (name)
            return wt_span_text(name);
        if (n->registry)
            (void)snprintf(text, sizeof text, "0x%0*llx", (int)(2 * wt_registry_width(n->registry)),
                           (unsigned long long)v->number);
        else
            (void)snprintf(text, sizeof text, "%lld", (long long)v->number);
        return formatted(a, text);
    }
    case WT_FILTER_ADDRESS:
        memcpy(address.ip, v->address.ip, sizeof address.ip);
        return formatted(a, wt_address_format(&address, text));
    default:
        return v->bytes;
    }
}

static bool is_spans(unsigned kind)
{
    return kind == WT_FILTER_STRING || kind == WT_FILTER_BYTES;
}

/* --- functions, slices, masks
 * ----------------------------------------------------------------------------------------- */

static void cased(struct answer *a, const struct wt_filter_node *n, struct wt_filter_values *in,
                  struct wt_filter_values *out)
{
    for (size_t i = 0; i < in->n; i++) {
        struct wt_span from = text_of(a, n->first, &in->p[i]);
        uint8_t *to = wt_arena_alloc(&a->arena, from.n + 1);
        if (!to)
            return;
        for (size_t k = 0; k < from.n; k++) {
            uint8_t c = from.p[k];
            if (n->op == WT_FILTER_LOWER)
                to[k] = c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
            else
                to[k] = c >= 'a' && c <= 'z' ? (uint8_t)(c - 32) : c;
        }
        wt_filter_add_bytes(out, wt_span_of(to, from.n));
    }
}

/* The bytes of one part; false when it lies outside. */
static bool cut(const struct wt_filter_part *p, struct wt_span s, struct wt_span *out)
{
    int64_t n = s.n > INT32_MAX ? INT32_MAX : (int64_t)s.n, from = p->start < 0 ? n + p->start : p->start, to;
    if (p->length >= 0)
        to = from + p->length;
    else if (p->end == WT_FILTER_TO_END)
        to = n;
    else
        to = (p->end < 0 ? n + p->end : p->end) + 1;
    if (from < 0 || from > n || to < from || to > n)
        return false;
    *out = wt_span_cut(s, (size_t)from, (size_t)(to - from));
    return true;
}

static void sliced(struct answer *a, const struct wt_filter_node *n, const struct wt_filter_values *in,
                   struct wt_filter_values *out)
{
    struct wt_span part, whole;
    for (size_t i = 0; i < in->n; i++) {
        size_t total = 0, at = 0;
        bool inside = true;
        for (size_t k = 0; k < n->part_count && inside; k++) {
            inside = cut(&n->parts[k], in->p[i].bytes, &part);
            total += inside ? part.n : 0;
        }
        if (!inside)
            continue;
        if (n->part_count == 1) {
            wt_filter_add_bytes(out, part);
            continue;
        }
        uint8_t *p = wt_arena_alloc(&a->arena, total + 1);
        if (!p)
            return;
        for (size_t k = 0; k < n->part_count; k++)
            if (cut(&n->parts[k], in->p[i].bytes, &part) && part.n) {
                memcpy(p + at, part.p, part.n);
                at += part.n;
            }
        whole = wt_span_of(p, at);
        wt_filter_add_bytes(out, whole);
    }
}

/* Bytes are masked by as many bytes; those of another length have no value then. */
static void masked(struct answer *a, const struct wt_filter_node *n, const struct wt_filter_values *in,
                   struct wt_filter_values *out)
{
    const struct wt_filter_value *mask = &n->first->next->ranges[0].low;
    for (size_t i = 0; i < in->n; i++) {
        if (n->kind == WT_FILTER_NUMBER) {
            wt_filter_add_number(out, in->p[i].number & mask->number);
            continue;
        }
        struct wt_span s = in->p[i].bytes;
        uint8_t *p = s.n == mask->bytes.n ? wt_arena_alloc(&a->arena, s.n + 1) : NULL;
        for (size_t k = 0; p && k < s.n; k++)
            p[k] = s.p[k] & mask->bytes.p[k];
        if (p)
            wt_filter_add_bytes(out, wt_span_of(p, s.n));
    }
}

static int order(unsigned kind, const struct wt_filter_value *a, const struct wt_filter_value *b)
{
    if (is_spans(kind)) {
        size_t n = a->bytes.n < b->bytes.n ? a->bytes.n : b->bytes.n;
        int d = n ? memcmp(a->bytes.p, b->bytes.p, n) : 0;
        return d ? d : (a->bytes.n > b->bytes.n) - (a->bytes.n < b->bytes.n);
    }
    if (kind == WT_FILTER_ADDRESS)
        return memcmp(a->address.ip, b->address.ip, sizeof a->address.ip);
    return (a->number > b->number) - (a->number < b->number);
}

static void extreme(struct answer *a, const struct wt_filter_node *n, struct wt_filter_values *out)
{
    struct wt_filter_value best = {0};
    bool any = false;
    for (const struct wt_filter_node *child = n->first; child; child = child->next) {
        struct wt_filter_values in;
        values_of(a, child, &in);
        for (size_t i = 0; i < in.n; i++) {
            int d = any ? order(n->kind, &in.p[i], &best) : 0;
            if (!any || (n->op == WT_FILTER_MAX ? d > 0 : d < 0))
                best = in.p[i];
            any = true;
        }
        wt_filter_values_free(&in);
    }
    if (any)
        wt_filter_values_add(out, best);
}

static void made(struct answer *a, const struct wt_filter_node *n, struct wt_filter_values *out)
{
    struct wt_filter_values in;
    values_of(a, n->first, &in);
    switch (n->op) {
    case WT_FILTER_SLICE:
        sliced(a, n, &in, out);
        break;
    case WT_FILTER_MASK:
        masked(a, n, &in, out);
        break;
    case WT_FILTER_LOWER:
    case WT_FILTER_UPPER:
        cased(a, n, &in, out);
        break;
    case WT_FILTER_COUNT:
        /* Wireshark: what a function takes has to exist */
        if (in.n)
            wt_filter_add_number(out, (int64_t)in.n);
        break;
    case WT_FILTER_AS_STRING:
        for (size_t i = 0; i < in.n; i++)
            wt_filter_add_bytes(out, text_of(a, n->first, &in.p[i]));
        break;
    default: /* WT_FILTER_LEN */
        for (size_t i = 0; i < in.n; i++)
            wt_filter_add_number(out, (int64_t)in.p[i].bytes.n);
        break;
    }
    wt_filter_values_free(&in);
}

static void values_of(struct answer *a, const struct wt_filter_node *n, struct wt_filter_values *out)
{
    wt_filter_values_start(out);
    out->arena = &a->arena;
    out->limited = &a->limited;
    if (n->op == WT_FILTER_FIELD)
        n->field->get(out, a->connection, n->field->what);
    else if (n->op == WT_FILTER_MIN || n->op == WT_FILTER_MAX)
        extreme(a, n, out);
    else
        made(a, n, out);
}

/* --- relations
 * --------------------------------------------------------------------------------------------------------- */

static bool in_network(const struct wt_filter_value *v, const struct wt_filter_value *network)
{
    unsigned whole = network->address.prefix / 8, rest = network->address.prefix % 8;
    if (memcmp(v->address.ip, network->address.ip, whole) != 0)
        return false;
    return rest == 0 || (v->address.ip[whole] ^ network->address.ip[whole]) >> (8 - rest) == 0;
}

static bool in_ranges(const struct wt_filter_node *constant, const struct wt_filter_value *v)
{
    for (size_t i = 0; i < constant->range_count; i++) {
        const struct wt_filter_range *r = &constant->ranges[i];
        if (constant->kind == WT_FILTER_ADDRESS && r->low.address.prefix < 128) {
            if (in_network(v, &r->low))
                return true;
        } else if (order(constant->kind, v, &r->low) >= 0 && order(constant->kind, v, &r->high) <= 0) {
            return true;
        }
    }
    return false;
}

static bool contains(struct wt_span in, struct wt_span what)
{
    return what.n == 0 || (in.n >= what.n && memmem(in.p, in.n, what.p, what.n) != NULL);
}

static bool ordered(unsigned op, int d)
{
    switch (op) {
    case WT_FILTER_EQ:
        return d == 0;
    case WT_FILTER_NE:
        return d != 0;
    case WT_FILTER_LT:
        return d < 0;
    case WT_FILTER_GT:
        return d > 0;
    case WT_FILTER_LE:
        return d <= 0;
    default: /* WT_FILTER_GE */
        return d >= 0;
    }
}

static bool matches(struct answer *a, const struct wt_filter_node *b, struct wt_span subject)
{
    static const uint8_t nothing[1];
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    if (!data) {
        a->limited = true;
        return false;
    }
    /* 0: matched, with more groups than there is room for */
    int found = pcre2_match(b->pattern, subject.p ? subject.p : nothing, subject.n, 0, 0, data, a->filter->match);
    pcre2_match_data_free(data);
    a->limited = a->limited || (found < 0 && found != PCRE2_ERROR_NOMATCH);
    return found >= 0;
}

/* One value against a constant. */
static bool holds_constant(struct answer *a, const struct wt_filter_node *r, const struct wt_filter_value *v)
{
    const struct wt_filter_node *x = r->first, *y = x->next;
    switch (r->op) {
    case WT_FILTER_EQ:
        return in_ranges(y, v);
    case WT_FILTER_NE:
        return !in_ranges(y, v);
    case WT_FILTER_CONTAINS:
        return contains(text_of(a, x, v), y->ranges[0].low.bytes);
    case WT_FILTER_MATCHES:
        return matches(a, y, text_of(a, x, v));
    default:
        return ordered(r->op, order(x->kind, v, &y->ranges[0].low));
    }
}

static bool holds(struct answer *a, const struct wt_filter_node *r, const struct wt_filter_value *v,
                  const struct wt_filter_value *w)
{
    const struct wt_filter_node *x = r->first, *y = x->next;
    if (r->op == WT_FILTER_CONTAINS)
        return contains(text_of(a, x, v), text_of(a, y, w));
    return ordered(r->op, order(x->kind, v, w));
}

/* A relation holds for none when one side has no value. */
static bool relation(struct answer *a, const struct wt_filter_node *r)
{
    const struct wt_filter_node *x = r->first, *y = x->next;
    bool constant = y->op == WT_FILTER_CONSTANT, some = false, every = true;
    struct wt_filter_values left, right;
    values_of(a, x, &left);
    wt_filter_values_start(&right);
    if (!constant)
        values_of(a, y, &right);
    for (size_t i = 0; i < left.n && (r->all ? every : !some); i++)
        for (size_t k = 0; k < (constant ? 1 : right.n) && (r->all ? every : !some); k++) {
            bool one = constant ? holds_constant(a, r, &left.p[i]) : holds(a, r, &left.p[i], &right.p[k]);
            some = some || one;
            every = every && one;
        }
    bool answer = r->all ? every && left.n && (constant || right.n) : some;
    wt_filter_values_free(&left);
    wt_filter_values_free(&right);
    return answer;
}

static bool is_set(unsigned kind, const struct wt_filter_value *v)
{
    if (!is_spans(kind))
        return v->number != 0;
    for (size_t i = 0; i < v->bytes.n; i++)
        if (v->bytes.p[i])
            return true;
    return false;
}

static bool test(struct answer *a, const struct wt_filter_node *n)
{
    struct wt_filter_values v;
    values_of(a, n, &v);
    bool answer = v.n > 0;
    if (n->op == WT_FILTER_MASK || n->kind == WT_FILTER_BOOLEAN) {
        answer = false;
        for (size_t i = 0; i < v.n && !answer; i++)
            answer = is_set(n->kind, &v.p[i]);
    }
    wt_filter_values_free(&v);
    return answer;
}

static bool is_true(struct answer *a, const struct wt_filter_node *n)
{
    const struct wt_filter_node *child;
    bool odd = false;
    switch (n->op) {
    case WT_FILTER_OR:
        for (child = n->first; child && !is_true(a, child); child = child->next)
            ;
        return child != NULL;
    case WT_FILTER_AND:
        for (child = n->first; child && is_true(a, child); child = child->next)
            ;
        return child == NULL;
    case WT_FILTER_XOR:
        for (child = n->first; child; child = child->next)
            odd ^= is_true(a, child);
        return odd;
    case WT_FILTER_NOT:
        return !is_true(a, n->first);
    case WT_FILTER_TEST:
        return test(a, n->first);
    default:
        return relation(a, n);
    }
}

/* The answer is known. */
static void end(struct answer *a)
{
    *a->filter->limited += a->limited || a->arena.refused;
    wt_arena_free(&a->arena);
}

bool wt_filter_evaluate(const struct wt_filter *filter, const struct wt_connection *connection)
{
    struct answer a = {.filter = filter, .connection = connection, .arena = {.limit = WT_LIMIT_FILTER_MEMORY}};
    bool answer = is_true(&a, filter->root);
    end(&a);
    return answer;
}

/* --- before all is known
 * ------------------------------------------------------------------------------------------------ */

enum early { NO, YES, OPEN };

/* Whether all that an operand or a relation looks at is known from the first packet. */
static bool is_of_ends(const struct wt_filter_node *n)
{
    if (n->op == WT_FILTER_FIELD)
        return n->field->needs & WT_FILTER_OF_ENDS;
    for (const struct wt_filter_node *child = n->first; child; child = child->next)
        if (!is_of_ends(child))
            return false;
    return true;
}

static enum early decide(struct answer *a, const struct wt_filter_node *n);

/* Of all children: `settles` when one is that, the other answer when all are. */
static enum early decide_any(struct answer *a, const struct wt_filter_node *n, enum early settles)
{
    enum early answer = settles == YES ? NO : YES;
    for (const struct wt_filter_node *child = n->first; child; child = child->next) {
        const enum early one = decide(a, child);
        if (one == settles)
            return settles;
        if (one == OPEN)
            answer = OPEN;
    }
    return answer;
}

static enum early decide(struct answer *a, const struct wt_filter_node *n)
{
    enum early one;
    switch (n->op) {
    case WT_FILTER_OR:
        return decide_any(a, n, YES);
    case WT_FILTER_AND:
        return decide_any(a, n, NO);
    case WT_FILTER_NOT:
        one = decide(a, n->first);
        return one == OPEN ? OPEN : one == YES ? NO : YES;
    default: /* a test, a comparison, and XOR, which needs all */
        return is_of_ends(n) ? (is_true(a, n) ? YES : NO) : OPEN;
    }
}

bool wt_filter_evaluate_early(const struct wt_filter *filter, const struct wt_connection *begun)
{
    struct answer a = {.filter = filter, .connection = begun, .arena = {.limit = WT_LIMIT_FILTER_MEMORY}};
    const bool may = decide(&a, filter->root) != NO;
    end(&a);
    return may;
}
