#include "filter/values.h"

#include "base/memory.h"
#include "registry/limits.h"

#include <stdlib.h>
#include <string.h>

void wt_filter_values_start(struct wt_filter_values *v)
{
    v->p = v->room;
    v->arena = NULL;
    v->limited = NULL;
    v->n = 0;
    v->cap = sizeof v->room / sizeof *v->room;
}

void wt_filter_values_add(struct wt_filter_values *v, struct wt_filter_value value)
{
    if (v->n == v->cap) {
        struct wt_filter_value *p = NULL;
        if (v->cap < WT_LIMIT_FILTER_VALUES)
            p = wt_realloc(v->p == v->room ? NULL : v->p, 2 * v->cap * sizeof *p);
        if (!p) {
            if (v->limited)
                *v->limited = true;
            return;
        }
        if (v->p == v->room)
            memcpy(p, v->room, sizeof v->room);
        v->p = p;
        v->cap *= 2;
    }
    v->p[v->n++] = value;
}

void wt_filter_values_free(struct wt_filter_values *v)
{
    if (v->p != v->room)
        free(v->p);
}

void wt_filter_add_number(struct wt_filter_values *v, int64_t number)
{
    wt_filter_values_add(v, (struct wt_filter_value){.number = number});
}

void wt_filter_add_some(struct wt_filter_values *v, uint64_t number)
{
    if (number)
        wt_filter_add_number(v, number > INT64_MAX ? INT64_MAX : (int64_t)number);
}

void wt_filter_add_bytes(struct wt_filter_values *v, struct wt_span bytes)
{
    wt_filter_values_add(v, (struct wt_filter_value){.bytes = bytes});
}

void wt_filter_add_text(struct wt_filter_values *v, const char *text)
{
    if (text)
        wt_filter_add_bytes(v, wt_span_text(text));
}

void wt_filter_add_address(struct wt_filter_values *v, const struct wt_address *a)
{
    struct wt_filter_value value = {.address.prefix = 128};
    memcpy(value.address.ip, a->ip, sizeof value.address.ip);
    wt_filter_values_add(v, value);
}
