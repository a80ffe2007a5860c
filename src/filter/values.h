/* The values that a field or operand has in one story. */
#ifndef WT_FILTER_VALUES_H
#define WT_FILTER_VALUES_H

#include "filter/ast.h"

void wt_filter_values_start(struct wt_filter_values *v);
/* Values over WT_LIMIT_FILTER_VALUES, and those for which there is no memory, are left out, and that is recorded. */
void wt_filter_values_add(struct wt_filter_values *v, struct wt_filter_value value);
void wt_filter_values_free(struct wt_filter_values *v);
void wt_filter_add_number(struct wt_filter_values *v, int64_t number);
/* Not when it is 0: the contract leaves such a number out. */
void wt_filter_add_some(struct wt_filter_values *v, uint64_t number);
void wt_filter_add_bytes(struct wt_filter_values *v, struct wt_span bytes);
void wt_filter_add_text(struct wt_filter_values *v, const char *text); /* nothing when NULL */
void wt_filter_add_address(struct wt_filter_values *v, const struct wt_address *a);

#endif
