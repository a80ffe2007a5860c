/* Operands get their kind, and literals their value. */
#ifndef WT_FILTER_TYPE_H
#define WT_FILTER_TYPE_H

#include "filter/ast.h"

struct wt_filter_lexer;

/* Gives both sides of a comparison one kind and literals their value. */
bool wt_filter_type_comparison(struct wt_filter_lexer *l, struct wt_filter_node *relation);
bool wt_filter_type_contains(struct wt_filter_lexer *l, struct wt_filter_node *relation);
bool wt_filter_type_matches(struct wt_filter *filter, struct wt_filter_lexer *l, struct wt_filter_node *relation);
bool wt_filter_type_mask(struct wt_filter_lexer *l, struct wt_filter_node *mask);
/* One element of a set, or a range of it when high is given, added to set->ranges. */
bool wt_filter_type_element(struct wt_filter_lexer *l, const struct wt_filter_node *operand,
                            const struct wt_filter_node *low, const struct wt_filter_node *high,
                            struct wt_filter_node *set);

#endif
