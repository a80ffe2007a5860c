#include "endpoint/buffers.h"

#include "base/memory.h"

bool wt_buffers_take(struct wt_party *party, struct wt_buffer *out)
{
    uint8_t *p = party->spare_count ? party->spare[--party->spare_count] : wt_malloc(WT_BUFFERS_SIZE);
    *out = (struct wt_buffer){.p = p, .cap = WT_BUFFERS_SIZE};
    return p;
}

void wt_buffers_give(struct wt_party *party, struct wt_buffer *buffer)
{
    if (!buffer->p)
        return;
    if (buffer->cap == WT_BUFFERS_SIZE && party->spare_count < WT_LIMIT_SPARE_BUFFERS)
        party->spare[party->spare_count++] = buffer->p;
    else
        free(buffer->p);
    *buffer = (struct wt_buffer){0};
}

void wt_buffers_clear(struct wt_party *party)
{
    while (party->spare_count)
        free(party->spare[--party->spare_count]);
}
