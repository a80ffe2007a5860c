#include "capture/stream_map.h"

#include "base/array.h"
#include "registry/limits.h"

#include <stdlib.h>

enum { LEAST = 8 }; /* elements */

/* The first slice after a position. */
static size_t find_slice(const struct wt_stream_map *m, uint64_t position)
{
    size_t low = 0, high = m->slice_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (m->slices[middle].at <= position)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint64_t wt_stream_map_offset(const struct wt_stream_map *m, uint64_t position)
{
    size_t i = find_slice(m, position);
    return i ? m->slices[i - 1].offset + (position - m->slices[i - 1].at) : position;
}

/* The first packet that ends after the offset. */
static size_t find_packet(const struct wt_stream_map *m, uint64_t offset)
{
    size_t low = 0, high = m->packet_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (m->packets[middle].offset + m->packets[middle].length <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void drop_packets(struct wt_stream_map *m, size_t n)
{
    if (n)
        memmove(m->packets, m->packets + n, (m->packet_count - n) * sizeof *m->packets);
    m->packet_count -= n;
}

/* Room for one more packet. It grows unless half of it comes free, and where it must not grow an eighth has to: looking
 * for what can go costs little then. */
static bool make_room(struct wt_stream_map *m, size_t most)
{
    if (m->packet_count < m->packet_cap && m->packet_count < most)
        return true;
    drop_packets(m, find_packet(m, wt_stream_map_offset(m, m->needed)));
    if (m->packet_cap && m->packet_count <= (m->packet_cap < most ? m->packet_cap / 2 : most / 8 * 7))
        return true;
    if (m->packet_cap < most)
        return wt_array_grow_within(&m->packets, m->packet_cap, &m->packet_cap, sizeof *m->packets, LEAST, most);
    m->lost += m->packet_count / 2;
    drop_packets(m, m->packet_count / 2);
    return true;
}

void wt_stream_map_packet(struct wt_stream_map *m, uint32_t offset, size_t n, uint32_t frame, size_t most)
{
    /* what the stream goes on by since the newest packet is less than 2^32 */
    m->end += (uint32_t)(offset - (uint32_t)m->end);
    if (make_room(m, most))
        m->packets[m->packet_count++] = (struct wt_stream_place){m->end, (uint32_t)n, frame};
    else
        m->lost++;
    m->end += n;
    if (!m->slice_count)
        m->position = m->end;
}

void wt_stream_map_carried(struct wt_stream_map *m, size_t n, size_t after)
{
    uint64_t offset = m->end - after - n;
    if (!m->slice_count)
        m->position = offset;
    if (m->slice_count == m->slice_cap) {
        size_t first = find_slice(m, m->needed);
        if (first > 1) {
            memmove(m->slices, m->slices + first - 1, (m->slice_count - first + 1) * sizeof *m->slices);
            m->slice_count -= first - 1;
        }
        if (m->slice_count > m->slice_cap / 2 || !m->slice_cap)
            m->adrift |= !wt_array_grow_within(&m->slices, m->slice_cap, &m->slice_cap, sizeof *m->slices, LEAST,
                                               WT_LIMIT_PLACES_PACKETS);
    }
    if (m->adrift)
        m->lost++;
    else
        m->slices[m->slice_count++] = (struct wt_stream_slice){m->position, offset};
    m->position += n;
}

/* Packets of n bytes of the stream. */
static size_t find_in_stream(const struct wt_stream_map *m, uint64_t offset, uint64_t n, struct wt_stream_place *out,
                             size_t most)
{
    size_t count = 0;
    for (size_t i = find_packet(m, offset); i < m->packet_count && m->packets[i].offset < offset + n; i++) {
        const struct wt_stream_place *p = &m->packets[i];
        uint64_t first = p->offset > offset ? p->offset : offset, last = p->offset + p->length;
        last = last < offset + n ? last : offset + n;
        if (count < most)
            out[count] = (struct wt_stream_place){first, (uint32_t)(last - first), p->frame};
        count++;
    }
    return count;
}

size_t wt_stream_map_find(const struct wt_stream_map *m, uint64_t position, uint64_t n, struct wt_stream_place *out,
                          size_t most)
{
    if (m->adrift || position + n < position)
        return 0;
    size_t count = 0;
    for (size_t i = find_slice(m, position); n; i++) {
        uint64_t next = i < m->slice_count ? m->slices[i].at : UINT64_MAX;
        uint64_t run = next - position < n ? next - position : n;
        const size_t left = most > count ? most - count : 0;
        count += find_in_stream(m, wt_stream_map_offset(m, position), run, left ? out + count : NULL, left);
        position += run;
        n -= run;
    }
    return count;
}

void wt_stream_map_free(struct wt_stream_map *m)
{
    free(m->packets);
    free(m->slices);
    *m = (struct wt_stream_map){0};
}
