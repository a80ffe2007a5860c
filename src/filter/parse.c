/* The grammar, by recursive descent:
 *
 *     or       = xor { ("||" | "or") xor }
 *     xor      = and { ("^^" | "xor") and }
 *     and      = not { ("&&" | "and") not }
 *     not      = ("!" | "not") not | "(" or ")" | relation
 *     relation = ["any" | "all"] operand [ comparison operand { comparison operand }
 *                | ["not"] "in" set | "contains" operand | "matches" string ]
 *     operand  = entity [ "&" entity ]
 *     entity   = ( field | function "(" entity { "," entity } ")" ) [ slice ] | literal
 *     set      = "{" literal [ ".." literal ] { [","] literal [ ".." literal ] } "}"
 *
 * Only parentheses, "not" and functions nest; chains of "and" and "or" are lists, however long they are. */
#include "filter/parse.h"

#include "base/i18n.h"
#include "filter/fields.h"
#include "filter/lex.h"
#include "filter/type.h"
#include "registry/limits.h"

#include <stdio.h>

struct parser {
    struct wt_filter *filter;
    struct wt_filter_lexer *l;
    unsigned depth, nodes;
};

static struct wt_filter_node *parse_or(struct parser *p);

static void next(struct parser *p)
{
    wt_filter_lex(p->l);
}

static struct wt_filter_node *node(struct parser *p, enum wt_filter_op op)
{
    if (p->l->failed)
        return NULL;
    if (++p->nodes > WT_LIMIT_FILTER_NODES)
        return wt_filter_fail_here(p->l, _("the filter has more than %u parts"), WT_LIMIT_FILTER_NODES);
    struct wt_filter_node *n = wt_arena_alloc(&p->filter->arena, sizeof *n);
    if (!n)
        return wt_filter_fail_here(p->l, _("out of memory"));
    n->op = (uint8_t)op;
    n->column = (unsigned)p->l->start + 1;
    n->length = (unsigned)(p->l->at - p->l->start);
    return n;
}

static bool enter(struct parser *p)
{
    if (p->depth++ < WT_LIMIT_FILTER_DEPTH)
        return true;
    (void)wt_filter_fail_here(p->l, _("the filter is nested deeper than %u levels"), WT_LIMIT_FILTER_DEPTH);
    return false;
}

static bool is_word(const struct parser *p, const char *text)
{
    return p->l->token == WT_TOKEN_WORD && wt_span_equal(p->l->value, wt_span_text(text));
}

/* --- operands -------------------------------------------------------------------------------------------------------
 */

static struct wt_filter_node *literal(struct parser *p)
{
    struct wt_filter_node *n = node(p, WT_FILTER_CONSTANT);
    if (!n)
        return NULL;
    n->kind = WT_FILTER_LITERAL;
    n->text = p->l->value;
    n->quoted = p->l->token == WT_TOKEN_STRING;
    if (p->l->token == WT_TOKEN_CHARACTER) {
        char *number = wt_arena_alloc(&p->filter->arena, 4);
        if (!number)
            return wt_filter_fail_here(p->l, _("out of memory"));
        int length = snprintf(number, 4, "%u", p->l->value.p[0]);
        n->text = wt_span_of(number, (size_t)length);
    }
    next(p);
    return n;
}

struct function {
    const char *name;
    enum wt_filter_op op;
};

static const struct function functions[] = {
    {"len", WT_FILTER_LEN},          {"count", WT_FILTER_COUNT}, {"lower", WT_FILTER_LOWER}, {"upper", WT_FILTER_UPPER},
    {"string", WT_FILTER_AS_STRING}, {"min", WT_FILTER_MIN},     {"max", WT_FILTER_MAX},
};

static const struct function *function_of(struct wt_span name)
{
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (wt_span_equal(name, wt_span_text(functions[i].name)))
            return &functions[i];
    return NULL;
}

static bool is_text(const struct wt_filter_node *n)
{
    return n->kind == WT_FILTER_STRING || (n->kind == WT_FILTER_NUMBER && n->registry);
}

/* What a function gives for what it takes. */
static bool type_function(struct parser *p, struct wt_filter_node *f)
{
    const struct wt_filter_node *a = f->first;
    bool fits = true;
    f->kind = a->kind;
    f->registry = a->registry;
    switch (f->op) {
    case WT_FILTER_LEN:
        fits = a->kind == WT_FILTER_STRING || a->kind == WT_FILTER_BYTES;
        break;
    case WT_FILTER_LOWER:
    case WT_FILTER_UPPER:
        fits = is_text(a);
        break;
    case WT_FILTER_AS_STRING:
        fits = a->kind == WT_FILTER_NUMBER || a->kind == WT_FILTER_ADDRESS || a->kind == WT_FILTER_STRING;
        break;
    case WT_FILTER_MIN:
    case WT_FILTER_MAX:
        fits = a->kind != WT_FILTER_PRESENCE && a->kind != WT_FILTER_ADDRESS;
        for (const struct wt_filter_node *b = a->next; b; b = b->next)
            fits = fits && b->kind == a->kind;
        break;
    default:
        break;
    }
    if (!fits)
        (void)wt_filter_fail(p->l, a->column, a->length, _("this function does not accept this argument"));
    bool number = f->op == WT_FILTER_LEN || f->op == WT_FILTER_COUNT;
    if (f->op != WT_FILTER_MIN && f->op != WT_FILTER_MAX) {
        f->kind = number ? WT_FILTER_NUMBER : WT_FILTER_STRING;
        f->registry = WT_REG_NONE;
    }
    return fits;
}

static struct wt_filter_node *entity(struct parser *p);

static struct wt_filter_node *call(struct parser *p, const struct function *function)
{
    struct wt_filter_node *f = node(p, function->op), **last = f ? &f->first : NULL;
    unsigned count = 0;
    if (!f || !enter(p))
        return NULL;
    next(p); /* the name */
    do {
        next(p); /* the parenthesis or comma */
        struct wt_filter_node *a = entity(p);
        if (!a)
            return NULL;
        if (a->kind == WT_FILTER_LITERAL)
            return wt_filter_fail(p->l, a->column, a->length, _("expected a field name"));
        *last = a;
        last = &a->next;
        count++;
    } while (p->l->token == WT_TOKEN_COMMA);
    if (p->l->token != WT_TOKEN_CLOSE)
        return wt_filter_fail_here(p->l, _("expected ) or , after the argument"));
    if (count > 1 && f->op != WT_FILTER_MIN && f->op != WT_FILTER_MAX)
        return wt_filter_fail_here(p->l, _("%s() takes one argument"), function->name);
    next(p);
    p->depth--;
    return type_function(p, f) ? f : NULL;
}

static struct wt_filter_node *sliced(struct parser *p, struct wt_filter_node *of)
{
    struct wt_filter_node *s = of ? node(p, WT_FILTER_SLICE) : NULL;
    if (!s)
        return NULL;
    if (of->kind != WT_FILTER_STRING && of->kind != WT_FILTER_BYTES)
        return wt_filter_fail(p->l, of->column, of->length, _("only strings and bytes can be sliced"));
    s->first = of;
    s->kind = of->kind;
    return wt_filter_lex_slice(p->l, s) ? s : NULL;
}

static bool starts_parenthesis(const struct wt_filter_lexer *l)
{
    size_t i = l->at;
    while (i < l->n && (l->text[i] == ' ' || l->text[i] == '\t'))
        i++;
    return i < l->n && l->text[i] == '(';
}

static struct wt_filter_node *named(struct parser *p, const struct wt_filter_field *field)
{
    struct wt_filter_node *n = node(p, WT_FILTER_FIELD);
    if (!n)
        return NULL;
    n->field = field;
    n->kind = field->kind;
    n->registry = field->registry;
    p->filter->needs |= field->needs;
    next(p);
    return n;
}

static struct wt_filter_node *entity(struct parser *p)
{
    enum wt_filter_token t = p->l->token;
    struct wt_filter_node *n = NULL;
    if (t == WT_TOKEN_BROKEN)
        return NULL;
    if (t == WT_TOKEN_STRING || t == WT_TOKEN_CHARACTER)
        return literal(p);
    if (t == WT_TOKEN_END)
        return wt_filter_fail_here(p->l, _("unexpected end of filter; expected a field or value"));
    if (t != WT_TOKEN_WORD)
        return wt_filter_fail_here(p->l, _("expected a field or value"));
    const struct wt_filter_field *field = wt_filter_field_find(p->l->value);
    const struct function *function = function_of(p->l->value);
    if (function && starts_parenthesis(p->l))
        n = call(p, function);
    else if (field)
        n = named(p, field);
    else
        return literal(p);
    return n && p->l->token == WT_TOKEN_OPEN_SLICE ? sliced(p, n) : n;
}

static struct wt_filter_node *operand(struct parser *p)
{
    struct wt_filter_node *n = entity(p);
    if (!n || wt_filter_operator(p->l) != WT_TOKEN_MASK)
        return n;
    struct wt_filter_node *mask = node(p, WT_FILTER_MASK);
    if (!mask)
        return NULL;
    next(p);
    mask->first = n;
    n->next = entity(p);
    return n->next && wt_filter_type_mask(p->l, mask) ? mask : NULL;
}

/* --- relations ------------------------------------------------------------------------------------------------------
 */

static struct wt_filter_node *unknown(struct parser *p, const struct wt_filter_node *n)
{
    const char *nearest = n->quoted ? NULL : wt_filter_field_nearest(n->text);
    int shown = n->text.n < 64 ? (int)n->text.n : 64;
    if (n->quoted)
        return wt_filter_fail(p->l, n->column, n->length, _("expected a field, not a string"));
    if (nearest)
        return wt_filter_fail(p->l, n->column, n->length, _("unknown field \"%.*s\"; did you mean \"%s\"?"), shown,
                              (const char *)n->text.p, nearest);
    return wt_filter_fail(p->l, n->column, n->length, _("unknown field \"%.*s\"; \"wiretale fields\" lists all fields"),
                          shown, (const char *)n->text.p);
}

static struct wt_filter_node *pair(struct parser *p, enum wt_filter_op op, struct wt_filter_node *a)
{
    struct wt_filter_node *r = node(p, op), *b;
    if (!r)
        return NULL;
    next(p);
    b = operand(p);
    if (!b)
        return NULL;
    r->first = a;
    a->next = b;
    return r;
}

/* A node can be one relation's child only; a chain needs its middle twice. */
static struct wt_filter_node *copy(struct parser *p, const struct wt_filter_node *from)
{
    struct wt_filter_node *n = node(p, (enum wt_filter_op)from->op);
    if (n) {
        *n = *from;
        n->next = NULL;
    }
    return n;
}

static bool comparison_of(enum wt_filter_token t, enum wt_filter_op *op, bool *all)
{
    static const struct {
        enum wt_filter_token token;
        enum wt_filter_op op;
        bool all;
    } rows[] = {
        {WT_TOKEN_EQ, WT_FILTER_EQ, false},    {WT_TOKEN_NE, WT_FILTER_NE, true},
        {WT_TOKEN_ALL_EQ, WT_FILTER_EQ, true}, {WT_TOKEN_ANY_NE, WT_FILTER_NE, false},
        {WT_TOKEN_LT, WT_FILTER_LT, false},    {WT_TOKEN_GT, WT_FILTER_GT, false},
        {WT_TOKEN_LE, WT_FILTER_LE, false},    {WT_TOKEN_GE, WT_FILTER_GE, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].token == t) {
            *op = rows[i].op;
            *all = rows[i].all;
            return true;
        }
    return false;
}

enum quantifier { BY_OPERATOR, ANY, ALL };

static bool holds_for_all(enum quantifier q, bool by_operator)
{
    return q == BY_OPERATOR ? by_operator : q == ALL;
}

/* "a < b < c" is "a < b and b < c". */
static struct wt_filter_node *comparisons(struct parser *p, struct wt_filter_node *a, enum quantifier q)
{
    struct wt_filter_node *chain = NULL, **last = NULL, *relation = NULL;
    enum wt_filter_op op;
    bool all;
    while (comparison_of(wt_filter_operator(p->l), &op, &all)) {
        relation = pair(p, op, a);
        if (!relation)
            return NULL;
        relation->all = holds_for_all(q, all);
        struct wt_filter_node *middle = relation->first->next, *again = copy(p, middle);
        if (!again || !wt_filter_type_comparison(p->l, relation))
            return NULL;
        if (!comparison_of(wt_filter_operator(p->l), &op, &all) && !chain)
            return relation;
        if (!chain) {
            chain = node(p, WT_FILTER_AND);
            if (!chain)
                return NULL;
            last = &chain->first;
        }
        *last = relation;
        last = &relation->next;
        a = again;
    }
    return chain;
}

static struct wt_filter_node *set_element(struct parser *p)
{
    enum wt_filter_token t = p->l->token;
    if (t != WT_TOKEN_WORD && t != WT_TOKEN_STRING && t != WT_TOKEN_CHARACTER)
        return wt_filter_fail_here(p->l, _("expected a value or } in the set"));
    return literal(p);
}

static struct wt_filter_node *membership(struct parser *p, struct wt_filter_node *a, enum quantifier q)
{
    struct wt_filter_node *r = node(p, WT_FILTER_EQ);
    next(p);
    if (!r || p->l->failed)
        return NULL;
    if (p->l->token != WT_TOKEN_OPEN_SET)
        return wt_filter_fail_here(p->l, _("expected { and a list of values after \"in\""));
    struct wt_filter_node *set = node(p, WT_FILTER_CONSTANT);
    next(p);
    if (!set)
        return NULL;
    do {
        struct wt_filter_node *low = set_element(p), *high = NULL;
        if (low && p->l->token == WT_TOKEN_RANGE) {
            next(p);
            high = set_element(p);
            if (!high)
                return NULL;
        }
        if (!low || !wt_filter_type_element(p->l, a, low, high, set))
            return NULL;
        if (p->l->token == WT_TOKEN_COMMA)
            next(p);
        else if (p->l->token == WT_TOKEN_END)
            return wt_filter_fail_here(p->l, _("expected } after the set"));
    } while (p->l->token != WT_TOKEN_CLOSE_SET);
    next(p);
    r->first = a;
    r->all = q == ALL;
    a->next = set;
    return p->l->failed ? NULL : r;
}

static struct wt_filter_node *negated(struct parser *p, struct wt_filter_node *of)
{
    struct wt_filter_node *n = of ? node(p, WT_FILTER_NOT) : NULL;
    if (n)
        n->first = of;
    return n;
}

/* "a not in {…}": nothing else has "not" behind an operand. */
static struct wt_filter_node *not_in(struct parser *p, struct wt_filter_node *a, enum quantifier q)
{
    next(p);
    if (wt_filter_operator(p->l) != WT_TOKEN_IN)
        return wt_filter_fail_here(p->l, _("expected \"in\" after \"not\""));
    return negated(p, membership(p, a, q));
}

static struct wt_filter_node *test(struct parser *p, struct wt_filter_node *a)
{
    struct wt_filter_node *t = node(p, WT_FILTER_TEST);
    if (t)
        t->first = a;
    return t;
}

/* A word in front of an operator that names no field: the left side of a comparison may be a value, if it looks like
 * one. */
static bool must_be_field(const struct wt_filter_node *n)
{
    uint8_t c = n->text.n ? n->text.p[0] : 0;
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    return n->kind == WT_FILTER_LITERAL && !n->quoted && letter;
}

static struct wt_filter_node *relation(struct parser *p)
{
    enum quantifier q = is_word(p, "any") ? ANY : is_word(p, "all") ? ALL : BY_OPERATOR;
    enum wt_filter_op op;
    bool all;
    if (q != BY_OPERATOR)
        next(p);
    struct wt_filter_node *a = operand(p), *r;
    if (!a)
        return NULL;
    enum wt_filter_token t = wt_filter_operator(p->l);
    bool comparison = comparison_of(t, &op, &all);
    if (a->kind == WT_FILTER_LITERAL && (!comparison || must_be_field(a)))
        return unknown(p, a);
    if (comparison)
        return comparisons(p, a, q);
    switch (t) {
    case WT_TOKEN_IN:
        return membership(p, a, q);
    case WT_TOKEN_NOT:
        return not_in(p, a, q);
    case WT_TOKEN_CONTAINS:
        r = pair(p, WT_FILTER_CONTAINS, a);
        break;
    case WT_TOKEN_MATCHES:
        r = pair(p, WT_FILTER_MATCHES, a);
        break;
    default:
        if (q != BY_OPERATOR)
            return wt_filter_fail_here(p->l, _("expected a comparison after \"any\" or \"all\""));
        return test(p, a);
    }
    if (!r)
        return NULL;
    r->all = q == ALL;
    bool well = t == WT_TOKEN_CONTAINS ? wt_filter_type_contains(p->l, r) : wt_filter_type_matches(p->filter, p->l, r);
    return well ? r : NULL;
}

/* --- tests ----------------------------------------------------------------------------------------------------------
 */

static struct wt_filter_node *parse_not(struct parser *p)
{
    struct wt_filter_node *n;
    if (wt_filter_operator(p->l) == WT_TOKEN_NOT) {
        if (!enter(p))
            return NULL;
        next(p);
        n = negated(p, parse_not(p));
        p->depth--;
        return n;
    }
    if (p->l->token != WT_TOKEN_OPEN)
        return relation(p);
    size_t opened = p->l->start;
    if (!enter(p))
        return NULL;
    next(p);
    n = parse_or(p);
    if (!n)
        return NULL;
    if (p->l->token == WT_TOKEN_END)
        return wt_filter_fail_here(p->l, _("expected ) for the ( in column %zu"), opened + 1);
    if (p->l->token != WT_TOKEN_CLOSE)
        return wt_filter_fail_here(p->l, _("expected \"and\", \"or\" or )"));
    next(p);
    p->depth--;
    return p->l->failed ? NULL : n;
}

static struct wt_filter_node *chain(struct parser *p, enum wt_filter_op op, enum wt_filter_token token,
                                    struct wt_filter_node *(*below)(struct parser *p))
{
    struct wt_filter_node *n = below(p), *all, **last;
    if (!n || wt_filter_operator(p->l) != token)
        return n;
    all = node(p, op);
    if (!all)
        return NULL;
    /* a child of two lists would lose its neighbours: what comes from below is always fresh */
    all->first = n;
    last = &n->next;
    while (wt_filter_operator(p->l) == token) {
        next(p);
        n = below(p);
        if (!n)
            return NULL;
        *last = n;
        last = &n->next;
    }
    return all;
}

static struct wt_filter_node *parse_and(struct parser *p)
{
    return chain(p, WT_FILTER_AND, WT_TOKEN_AND, parse_not);
}

static struct wt_filter_node *parse_xor(struct parser *p)
{
    return chain(p, WT_FILTER_XOR, WT_TOKEN_XOR, parse_and);
}

static struct wt_filter_node *parse_or(struct parser *p)
{
    return chain(p, WT_FILTER_OR, WT_TOKEN_OR, parse_xor);
}

struct wt_filter_node *wt_filter_parse(struct wt_filter *filter, struct wt_filter_lexer *l)
{
    struct parser p = {.filter = filter, .l = l};
    next(&p);
    struct wt_filter_node *root = parse_or(&p);
    if (!root || l->failed)
        return NULL;
    if (l->token == WT_TOKEN_CLOSE)
        return wt_filter_fail_here(l, _("unmatched )"));
    if (l->token != WT_TOKEN_END)
        return wt_filter_fail_here(l, _("expected an operator: a comparison, \"and\" or \"or\""));
    return root;
}
