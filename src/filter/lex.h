/* From text to words. */
#ifndef WT_FILTER_LEX_H
#define WT_FILTER_LEX_H

#include "filter/ast.h"

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
    size_t n, at; /* at: behind the current word */
    size_t start; /* of the current word */
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

#endif
