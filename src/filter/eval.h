/* The answer to a filter. */
#ifndef WT_FILTER_EVAL_H
#define WT_FILTER_EVAL_H

#include "filter/ast.h"

bool wt_filter_evaluate(const struct wt_filter *filter, const struct wt_connection *connection);

#endif
