/* Which streams of a file were chosen: a bit for each. */
#ifndef WIRETALE_TOOL_STREAMS_H
#define WIRETALE_TOOL_STREAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tool_streams {
    uint8_t *bits;
    size_t bytes;
};

/* False without memory. */
bool tool_streams_add(struct tool_streams *streams, uint32_t stream);
void tool_streams_clear(struct tool_streams *streams);

static inline bool tool_streams_has(const struct tool_streams *streams, uint32_t stream)
{
    return stream / 8 < streams->bytes && streams->bits[stream / 8] >> stream % 8 & 1;
}

#endif
