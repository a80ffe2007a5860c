/* Literals as values. */
#ifndef WT_FILTER_LITERAL_H
#define WT_FILTER_LITERAL_H

#include "filter/ast.h"

struct wt_filter_lexer;

/* The value of a text for an operand's kind. False with the error filled. */
bool wt_filter_literal(struct wt_filter_lexer *l, const struct wt_filter_node *operand,
                       const struct wt_filter_node *literal, struct wt_filter_node *constant);

#endif
