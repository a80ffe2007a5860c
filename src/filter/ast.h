/* The filter as a typed tree, which lex.c, parse.c, type.c and literal.c make of its text and eval.c asks of a story;
 * what a field is in a story say fields.c, keys.c and messages.c. */
#ifndef WT_FILTER_AST_H
#define WT_FILTER_AST_H

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
    bool *limited;          /* set when a value is left out; may be NULL */
    struct wt_filter_value room[16];
};

/* What a field looks into that an observer keeps only on request; and fields whose values the first packet has. */
enum { WT_FILTER_OF_MESSAGES = 1, WT_FILTER_OF_APPLICATION = 2, WT_FILTER_OF_ENDS = 4 };

struct wt_filter_field {
    const char *name;
    uint8_t kind;     /* enum wt_filter_kind */
    uint8_t registry; /* enum wt_registry of a code point */
    uint8_t bits;     /* of a NUMBER: what is wider cannot be meant */
    uint8_t words;    /* enum wt_words of a STRING that is one of few words */
    uint8_t needs;    /* WT_FILTER_OF_…: what must be kept for it, or when it is known */
    void (*get)(struct wt_filter_values *v, const struct wt_connection *c, int what);
    int what;
    const char *text;
};

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
    uint8_t op;                          /* enum wt_filter_op */
    uint8_t kind;                        /* of operands: enum wt_filter_kind */
    uint8_t registry;                    /* of operands that are code points */
    bool all;                            /* comparisons: for all values, else for any */
    bool quoted;                         /* literals: stood in quotes */
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
    uint64_t *limited; /* wt_filter_limited() */
    uint8_t needs;     /* of all its fields */
};

#endif
