/* The filter as a typed tree, and what its files share: filter_lex.c (words), filter_parse.c (grammar), filter_type.c
 * (operands get their kind, literals their value), filter_fields.c and filter_messages.c (what a field is in a story),
 * filter_eval.c (the answer), filter.c (the public face). */
#ifndef WT_REPORT_FILTER_AST_H
#define WT_REPORT_FILTER_AST_H

#define PCRE2_CODE_UNIT_WIDTH 8

#include "base/arena.h"
#include "registry/registry.h"
#include "wiretale/filter.h"

#include <pcre2.h>

enum wt_filter_kind {
    WT_FILTER_PRESENCE, /* is there or not; has no value */
    WT_FILTER_BOOLEAN,
    WT_FILTER_NUMBER,  /* a code point too, when there is a registry: its name is as good as its number */
    WT_FILTER_SECONDS, /* nanoseconds */
    WT_FILTER_TIME,    /* nanoseconds since 1970 UTC */
    WT_FILTER_STRING,
    WT_FILTER_BYTES,
    WT_FILTER_ADDRESS,
    WT_FILTER_LITERAL, /* text without a kind: what it stands beside gives it one */
};

/* Which member holds follows from the kind of what it is a value of. */
struct wt_filter_value {
    union {
        int64_t number;       /* NUMBER, BOOLEAN, SECONDS, TIME */
        struct wt_span bytes; /* STRING, BYTES */
        struct {
            uint8_t ip[16];
            uint8_t prefix; /* bits that count; of literals only */
        } address;
    };
};

/* All values that a field or operand has in one story. */
struct wt_filter_values {
    struct wt_filter_value *p;
    size_t n, cap;
    struct wt_arena *arena; /* for what a getter makes: it holds as long as the answer is computed */
    struct wt_filter_value room[16];
};

void wt_filter_values_start(struct wt_filter_values *v);
/* Values over WT_LIMIT_FILTER_VALUES, and those for which there is no memory, are left out. */
void wt_filter_values_add(struct wt_filter_values *v, struct wt_filter_value value);
void wt_filter_values_free(struct wt_filter_values *v);
void wt_filter_add_number(struct wt_filter_values *v, int64_t number);
void wt_filter_add_bytes(struct wt_filter_values *v, struct wt_span bytes);
void wt_filter_add_text(struct wt_filter_values *v, const char *text); /* nothing when NULL */

/* What a field looks into that an observer keeps only on request. */
enum { WT_FILTER_OF_MESSAGES = 1, WT_FILTER_OF_APPLICATION = 2 };

struct wt_filter_field {
    const char *name;
    uint8_t kind;     /* enum wt_filter_kind */
    uint8_t registry; /* enum wt_registry of a code point */
    uint8_t bits;     /* of a NUMBER: what is wider cannot be meant */
    uint8_t words;    /* enum wt_words of a STRING that is one of few words */
    uint8_t needs;    /* WT_FILTER_OF_…: what must be kept for it */
    void (*get)(struct wt_filter_values *v, const struct wt_connection *c, int what);
    int what;
    const char *text;
};

size_t wt_filter_field_count(void);
const struct wt_filter_field *wt_filter_field_at(size_t i);
/* "ssl." and "ssl" stand for "tls." and "tls". NULL when there is none. */
const struct wt_filter_field *wt_filter_field_find(struct wt_span name);
/* The name that a wrong one is nearest to, or NULL when none is near. */
const char *wt_filter_field_nearest(struct wt_span name);

/* Literals as values: every one between low and high, both included; an address with a prefix is a range of its own. */
struct wt_filter_range {
    struct wt_filter_value low, high;
};

enum wt_filter_op {
    WT_FILTER_OR, /* tests, over all children */
    WT_FILTER_XOR,
    WT_FILTER_AND,
    WT_FILTER_NOT,
    WT_FILTER_TEST, /* the operand is there; a boolean or masked one: is not zero */
    WT_FILTER_EQ,   /* comparisons of two operands */
    WT_FILTER_NE,
    WT_FILTER_LT,
    WT_FILTER_GT,
    WT_FILTER_LE,
    WT_FILTER_GE,
    WT_FILTER_CONTAINS,
    WT_FILTER_MATCHES,
    WT_FILTER_FIELD, /* operands */
    WT_FILTER_CONSTANT,
    WT_FILTER_SLICE,
    WT_FILTER_MASK,
    WT_FILTER_LEN,
    WT_FILTER_COUNT,
    WT_FILTER_LOWER,
    WT_FILTER_UPPER,
    WT_FILTER_AS_STRING,
    WT_FILTER_MIN,
    WT_FILTER_MAX,
};

/* One part of a slice: [start:length], [start-end]; negative offsets count from the end. */
struct wt_filter_part {
    int32_t start, end; /* end: last byte, or WT_FILTER_TO_END */
    int32_t length;     /* -1 when `end` says it */
};
#define WT_FILTER_TO_END INT32_MAX

struct wt_filter_node {
    uint8_t op;       /* enum wt_filter_op */
    uint8_t kind;     /* of operands: enum wt_filter_kind */
    uint8_t registry; /* of operands that are code points */
    bool all;         /* comparisons: for all values, else for any */
    bool quoted;      /* literals: stood in quotes */
    struct wt_filter_node *first, *next; /* children */
    const struct wt_filter_field *field;
    struct wt_span text; /* of a literal */
    struct wt_filter_range *ranges;
    size_t range_count;
    struct wt_filter_part *parts;
    size_t part_count;
    pcre2_code *pattern;
    unsigned column, length; /* where it stands in the filter */
};

/* Patterns are the one thing of a filter that does not lie in its arena. */
struct wt_filter_pattern {
    struct wt_filter_pattern *next;
    pcre2_code *code;
};

struct wt_filter {
    struct wt_arena arena;
    struct wt_filter_node *root;
    struct wt_filter_pattern *patterns;
    pcre2_match_context *match;
    uint8_t needs; /* of all its fields */
};

/* --- words (filter_lex.c) ------------------------------------------------------------------------------------------ */

enum wt_filter_token {
    WT_TOKEN_END,
    WT_TOKEN_WORD,   /* names, numbers, addresses, bytes: whatever has no blank */
    WT_TOKEN_STRING, /* in quotes; its text is what they mean */
    WT_TOKEN_CHARACTER,
    WT_TOKEN_OPEN,
    WT_TOKEN_CLOSE,
    WT_TOKEN_OPEN_SET,
    WT_TOKEN_CLOSE_SET,
    WT_TOKEN_OPEN_SLICE,
    WT_TOKEN_COMMA,
    WT_TOKEN_RANGE,
    WT_TOKEN_AND,
    WT_TOKEN_OR,
    WT_TOKEN_XOR,
    WT_TOKEN_NOT,
    WT_TOKEN_EQ,
    WT_TOKEN_NE,
    WT_TOKEN_ALL_EQ,
    WT_TOKEN_ANY_NE,
    WT_TOKEN_LT,
    WT_TOKEN_GT,
    WT_TOKEN_LE,
    WT_TOKEN_GE,
    WT_TOKEN_CONTAINS,
    WT_TOKEN_MATCHES,
    WT_TOKEN_IN,
    WT_TOKEN_MASK,
    WT_TOKEN_BROKEN, /* the error is filled */
};

struct wt_filter_lexer {
    const char *text;
    size_t n, at;       /* at: behind the current word */
    size_t start;       /* of the current word */
    enum wt_filter_token token;
    struct wt_span value; /* of WORD, STRING and CHARACTER */
    struct wt_arena *arena;
    struct wt_filter_error *error;
    bool failed; /* only the first error is told */
};

void wt_filter_lex(struct wt_filter_lexer *l);
/* Of a text's word that is an operator where one is expected ("eq", "and", …); WORD when it is none. */
enum wt_filter_token wt_filter_operator(const struct wt_filter_lexer *l);
/* The parts up to the closing bracket; the current word is the opening one. */
bool wt_filter_lex_slice(struct wt_filter_lexer *l, struct wt_filter_node *node);
/* Notes the first error; returns NULL for convenience. */
void *wt_filter_fail(struct wt_filter_lexer *l, unsigned column, unsigned length, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The same for the current word. */
#define wt_filter_fail_here(l, ...)                                                                                    \
    wt_filter_fail(l, (unsigned)(l)->start + 1, (unsigned)((l)->at - (l)->start), __VA_ARGS__)

/* --- grammar (filter_parse.c) and kinds (filter_type.c) ------------------------------------------------------------- */

/* The whole text; NULL with the error filled. */
struct wt_filter_node *wt_filter_parse(struct wt_filter *filter, struct wt_filter_lexer *l);

/* Gives both sides of a comparison one kind and literals their value. */
bool wt_filter_type_comparison(struct wt_filter_lexer *l, struct wt_filter_node *relation);
bool wt_filter_type_contains(struct wt_filter_lexer *l, struct wt_filter_node *relation);
bool wt_filter_type_matches(struct wt_filter *filter, struct wt_filter_lexer *l, struct wt_filter_node *relation);
bool wt_filter_type_mask(struct wt_filter_lexer *l, struct wt_filter_node *mask);
/* One element of a set, or a range of it when high is given, added to set->ranges. */
bool wt_filter_type_element(struct wt_filter_lexer *l, const struct wt_filter_node *operand,
                            const struct wt_filter_node *low, const struct wt_filter_node *high,
                            struct wt_filter_node *set);

/* Literals (filter_literal.c): the value of a text for an operand's kind. False with the error filled. */
bool wt_filter_literal(struct wt_filter_lexer *l, const struct wt_filter_node *operand,
                       const struct wt_filter_node *literal, struct wt_filter_node *constant);

bool wt_filter_evaluate(const struct wt_filter *filter, const struct wt_connection *connection);

#endif
