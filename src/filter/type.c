/* Operands get one kind, literals the value that they have beside them. */
#include "filter/type.h"

#include "base/i18n.h"
#include "filter/lex.h"
#include "filter/literal.h"
#include "registry/limits.h"

static bool fail(struct wt_filter_lexer *l, const struct wt_filter_node *n, const char *message)
{
    (void)wt_filter_fail(l, n->column, n->length, "%s", message);
    return false;
}

static bool is_literal(const struct wt_filter_node *n)
{
    return n->kind == WT_FILTER_LITERAL;
}

static bool is_text(const struct wt_filter_node *n)
{
    return n->kind == WT_FILTER_STRING || (n->kind == WT_FILTER_NUMBER && n->registry);
}

/* "protocol == tls", "tls.handshake.extension.type == early_data": a word that also names a field is text beside text
 * if it cannot be compared as a field. Beside a plain string only protocols are: "sni == version" is rather a mistake.
 */
static void unname(const struct wt_filter_lexer *l, const struct wt_filter_node *beside, struct wt_filter_node *n)
{
    bool meant = n->kind == WT_FILTER_PRESENCE || (beside->registry && n->kind != beside->kind);
    if (n->op != WT_FILTER_FIELD || !is_text(beside) || !meant)
        return;
    n->op = WT_FILTER_CONSTANT;
    n->kind = WT_FILTER_LITERAL;
    n->text = wt_span_of(l->text + n->column - 1, n->length);
}

/* The literal becomes a constant with one value, of the operand's kind. */
static bool settle(struct wt_filter_lexer *l, const struct wt_filter_node *operand, struct wt_filter_node *literal)
{
    return wt_filter_literal(l, operand, literal, literal);
}

static enum wt_filter_op mirrored(enum wt_filter_op op)
{
    switch (op) {
    case WT_FILTER_LT:
        return WT_FILTER_GT;
    case WT_FILTER_GT:
        return WT_FILTER_LT;
    case WT_FILTER_LE:
        return WT_FILTER_GE;
    case WT_FILTER_GE:
        return WT_FILTER_LE;
    default:
        return op;
    }
}

bool wt_filter_type_comparison(struct wt_filter_lexer *l, struct wt_filter_node *relation)
{
    struct wt_filter_node *a = relation->first, *b = a->next;
    unname(l, a, b);
    unname(l, b, a);
    if (is_literal(a) && is_literal(b))
        return fail(l, a, _("a comparison needs a field on one side"));
    if (is_literal(a)) {
        relation->op = (uint8_t)mirrored((enum wt_filter_op)relation->op);
        relation->first = b;
        b->next = a;
        a->next = NULL;
        a = b;
        b = a->next;
    }
    if (a->kind == WT_FILTER_PRESENCE)
        return fail(l, a, _("this field only exists or not; it has no value to compare"));
    if (is_literal(b))
        return settle(l, a, b);
    if (b->kind == WT_FILTER_PRESENCE)
        return fail(l, b, _("this field only exists or not; it has no value to compare"));
    if (a->kind != b->kind)
        return fail(l, b, _("both sides of a comparison must have the same type"));
    return true;
}

bool wt_filter_type_contains(struct wt_filter_lexer *l, struct wt_filter_node *relation)
{
    struct wt_filter_node *a = relation->first, *b = a->next;
    if (!is_text(a) && a->kind != WT_FILTER_BYTES)
        return fail(l, a, _("\"contains\" applies to strings and bytes only"));
    unname(l, a, b);
    if (!is_literal(b)) {
        bool fits = a->kind == WT_FILTER_BYTES ? b->kind == WT_FILTER_BYTES : is_text(b);
        return fits || fail(l, b, _("both sides of \"contains\" must have the same type"));
    }
    /* of a code point it is the name that is looked into */
    const struct wt_filter_node as_string = {.kind = WT_FILTER_STRING};
    return settle(l, is_text(a) ? &as_string : a, b);
}

bool wt_filter_type_matches(struct wt_filter *filter, struct wt_filter_lexer *l, struct wt_filter_node *relation)
{
    struct wt_filter_node *a = relation->first, *b = a->next;
    int code;
    PCRE2_SIZE at;
    if (!is_text(a) && a->kind != WT_FILTER_BYTES)
        return fail(l, a, _("\"matches\" applies to strings and bytes only; string() converts other types"));
    if (!is_literal(b) || !b->quoted)
        return fail(l, b, _("expected a regular expression in double quotes"));
    struct wt_filter_pattern *kept = wt_arena_alloc(&filter->arena, sizeof *kept);
    if (!kept)
        return fail(l, b, _("out of memory"));
    /* As Wireshark has it: bytes, not characters, and without regard to case. */
    uint32_t options = PCRE2_CASELESS | PCRE2_NEVER_UTF | PCRE2_NEVER_UCP | PCRE2_NEVER_BACKSLASH_C;
    kept->code = pcre2_compile(b->text.p, b->text.n, options, &code, &at, NULL);
    if (!kept->code) {
        PCRE2_UCHAR reason[128] = "";
        (void)pcre2_get_error_message(code, reason, sizeof reason);
        (void)wt_filter_fail(l, b->column, b->length, _("invalid regular expression, at byte %zu: %s"), (size_t)at + 1,
                             (const char *)reason);
        return false;
    }
    kept->next = filter->patterns;
    filter->patterns = kept;
    b->pattern = kept->code;
    b->kind = WT_FILTER_STRING;
    return true;
}

bool wt_filter_type_mask(struct wt_filter_lexer *l, struct wt_filter_node *mask)
{
    struct wt_filter_node *a = mask->first, *b = a->next;
    if (a->kind != WT_FILTER_NUMBER && a->kind != WT_FILTER_BYTES)
        return fail(l, a, _("only numbers and bytes can be masked"));
    if (!is_literal(b))
        return fail(l, b, _("expected a mask value"));
    mask->kind = a->kind;
    return settle(l, a, b);
}

static bool add(struct wt_filter_lexer *l, struct wt_filter_node *set, const struct wt_filter_node *element)
{
    size_t n = set->range_count + element->range_count, cap = 1;
    while (cap < set->range_count)
        cap *= 2;
    if (set->range_count == 0 || n > cap) {
        while (cap < n)
            cap *= 2;
        struct wt_filter_range *p = wt_arena_alloc(l->arena, cap * sizeof *p);
        if (!p)
            return fail(l, element, _("out of memory"));
        if (set->range_count)
            memcpy(p, set->ranges, set->range_count * sizeof *p);
        set->ranges = p;
    }
    memcpy(set->ranges + set->range_count, element->ranges, element->range_count * sizeof *set->ranges);
    set->range_count = n;
    return true;
}

bool wt_filter_type_element(struct wt_filter_lexer *l, const struct wt_filter_node *operand,
                            const struct wt_filter_node *low, const struct wt_filter_node *high,
                            struct wt_filter_node *set)
{
    struct wt_filter_node a = {0}, b = {0};
    if (operand->kind == WT_FILTER_PRESENCE)
        return fail(l, operand, _("this field only exists or not; it has no value to compare"));
    if (!wt_filter_literal(l, operand, low, &a) || (high && !wt_filter_literal(l, operand, high, &b)))
        return false;
    set->kind = operand->kind;
    set->registry = operand->registry;
    a.column = low->column;
    a.length = low->length;
    if (!high)
        return add(l, set, &a);
    bool network = operand->kind == WT_FILTER_ADDRESS &&
                   (a.ranges[0].low.address.prefix < 128 || b.ranges[0].low.address.prefix < 128);
    if (network || a.range_count != 1 || b.range_count != 1)
        return fail(l, network ? low : high, _("a range takes two single values"));
    a.ranges[0].high = b.ranges[0].low;
    return add(l, set, &a);
}
