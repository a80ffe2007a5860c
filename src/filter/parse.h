/* The grammar: from words to the tree. */
#ifndef WT_FILTER_PARSE_H
#define WT_FILTER_PARSE_H

#include "filter/ast.h"

struct wt_filter_lexer;

/* The whole text; NULL with the error filled. */
struct wt_filter_node *wt_filter_parse(struct wt_filter *filter, struct wt_filter_lexer *l);

#endif
