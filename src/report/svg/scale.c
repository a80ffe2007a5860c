#include "report/svg/scale.h"

#include "base/memory.h"

#include <stdlib.h>

/* Of each hundred gaps so many are to scale. The others are cut where they are longer than the longest of those so many
 * times, and drawn as high as that one. */
enum { SHARE = 88 };
#define SPARE 2.5

static int by_time(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static int64_t length_of(const struct wt_scale_gap *g)
{
    return g->to - g->from;
}

/* The length that so many percent of the gaps do not exceed; 0 when there are none. */
static int64_t usual(const struct wt_scale *s)
{
    int64_t *lengths = s->count ? wt_malloc(s->count * sizeof *lengths) : NULL;
    if (!lengths)
        return 0;
    for (size_t i = 0; i < s->count; i++)
        lengths[i] = length_of(&s->gaps[i]);
    qsort(lengths, s->count, sizeof *lengths, by_time);
    const int64_t length = lengths[(s->count - 1) * SHARE / 100];
    free(lengths);
    return length;
}

bool wt_scale_make(struct wt_scale *s, int64_t *moments, size_t count, double height)
{
    *s = (struct wt_scale){.height = height};
    qsort(moments, count, sizeof *moments, by_time);
    s->gaps = wt_calloc(count + 1, sizeof *s->gaps);
    if (!s->gaps)
        return false;
    for (size_t i = 1; i < count; i++)
        if (moments[i] > moments[i - 1])
            s->gaps[s->count++] = (struct wt_scale_gap){.from = moments[i - 1], .to = moments[i]};
    if (!s->count)
        s->gaps[0] = (struct wt_scale_gap){.from = count ? moments[0] : 0, .to = count ? moments[0] : 0};
    const double high = (double)usual(s), most = high * SPARE;
    double sum = 0, y = 0;
    for (size_t i = 0; i < s->count; i++) {
        struct wt_scale_gap *g = &s->gaps[i];
        g->cut = most > 0 && (double)length_of(g) > most;
        sum += g->cut ? high : (double)length_of(g);
    }
    s->per_ns = sum > 0 ? height / sum : 0;
    for (size_t i = 0; i < s->count; i++) {
        struct wt_scale_gap *g = &s->gaps[i];
        g->y = y;
        g->height = (g->cut ? high : (double)length_of(g)) * s->per_ns;
        y += g->height;
    }
    return true;
}

double wt_scale_at(const struct wt_scale *s, int64_t moment)
{
    size_t low = 0, high = s->count;
    while (low < high) { /* the first gap that ends at it or later */
        const size_t middle = low + (high - low) / 2;
        if (s->gaps[middle].to < moment)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == s->count)
        return s->count ? s->height : 0;
    const struct wt_scale_gap *g = &s->gaps[low];
    const double part = moment <= g->from ? 0 : (double)(moment - g->from) / (double)length_of(g);
    return g->y + part * g->height;
}

void wt_scale_free(struct wt_scale *s)
{
    free(s->gaps);
    *s = (struct wt_scale){0};
}
