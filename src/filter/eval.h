/* The answer to a filter. */
#ifndef WT_FILTER_EVAL_H
#define WT_FILTER_EVAL_H

#include "filter/ast.h"

bool wt_filter_evaluate(const struct wt_filter *filter, const struct wt_connection *connection);
/* False when it cannot be true whatever else than the ends will be known. */
bool wt_filter_evaluate_early(const struct wt_filter *filter, const struct wt_connection *begun);

#endif
