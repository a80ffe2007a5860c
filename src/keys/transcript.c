#include "keys/transcript.h"

#include "registry/limits.h"

#include <stdlib.h>

enum { HEADER = 4 };

static struct wt_transcript_entry *room(struct wt_transcript *t)
{
    if (t->count == t->cap) {
        size_t cap = t->cap ? 2 * t->cap : 16;
        struct wt_transcript_entry *entries = realloc(t->entries, cap * sizeof *entries);
        if (!entries)
            return NULL;
        t->entries = entries;
        t->cap = cap;
    }
    return &t->entries[t->count];
}

/* Places rarely differ from the order of arrival: the new entry goes back over those that come after it. */
static void insert(struct wt_transcript *t, struct wt_transcript_entry e)
{
    size_t at = t->count++;
    for (; at > 0 && t->entries[at - 1].place > e.place; at--) {
        t->entries[at] = t->entries[at - 1];
        t->reordered = true;
    }
    t->entries[at] = e;
}

bool wt_transcript_add(struct wt_transcript *t, unsigned side, uint8_t type, uint8_t place, struct wt_span body,
                       bool header)
{
    size_t length = body.n + (header ? HEADER : 0);
    const uint8_t head[HEADER] = {type, (uint8_t)(body.n >> 16), (uint8_t)(body.n >> 8), (uint8_t)body.n};
    if (t->broken)
        return false;
    if (t->bytes.n + length > WT_LIMIT_TRANSCRIPT || !room(t) || (header && !wt_buffer_add(&t->bytes, head, HEADER)) ||
        !wt_buffer_add(&t->bytes, body.p, body.n)) {
        t->broken = true;
        return false;
    }
    insert(t, (struct wt_transcript_entry){.offset = (uint32_t)(t->bytes.n - length),
                                           .length = (uint32_t)length,
                                           .frame = t->frame,
                                           .place = place,
                                           .type = type,
                                           .side = (uint8_t)side});
    return true;
}

/* RFC 8446, 4.4.1: "Transcript-Hash(ClientHello1, HelloRetryRequest, ... Mn) = Hash(message_hash || 00 00 Hash.length
 * || Hash(ClientHello1) || HelloRetryRequest || ... || Mn)". */
bool wt_transcript_retry(struct wt_transcript *t, struct wt_span digest)
{
    enum { MESSAGE_HASH = 254 };
    const uint8_t head[HEADER] = {MESSAGE_HASH, 0, 0, (uint8_t)digest.n};
    if (t->broken || !t->count)
        return false;
    size_t offset = t->bytes.n;
    if (!wt_buffer_add(&t->bytes, head, HEADER) || !wt_buffer_add(&t->bytes, digest.p, digest.n)) {
        t->broken = true;
        return false;
    }
    t->entries[0].offset = (uint32_t)offset;
    t->entries[0].length = (uint32_t)(HEADER + digest.n);
    t->entries[0].type = MESSAGE_HASH;
    t->reordered = true;
    return true;
}

struct wt_span wt_transcript_before(const struct wt_transcript *t, size_t index, struct wt_buffer *scratch)
{
    if (index > t->count)
        index = t->count;
    if (!t->reordered) {
        size_t end = index ? t->entries[index - 1].offset + t->entries[index - 1].length : 0;
        return wt_span_cut(wt_buffer_span(&t->bytes), 0, end);
    }
    scratch->n = 0;
    for (size_t i = 0; i < index; i++)
        if (!wt_buffer_add(scratch, t->bytes.p + t->entries[i].offset, t->entries[i].length))
            return (struct wt_span){0};
    return wt_buffer_span(scratch);
}

size_t wt_transcript_find(const struct wt_transcript *t, unsigned side, uint8_t type)
{
    for (size_t i = t->count; i-- > 0;)
        if (t->entries[i].side == side && t->entries[i].type == type)
            return i;
    return SIZE_MAX;
}

void wt_transcript_clear(struct wt_transcript *t)
{
    wt_buffer_free(&t->bytes);
    free(t->entries);
    *t = (struct wt_transcript){0};
}
