#include "streams.h"

#include "memory.h"

#include <stdlib.h>
#include <string.h>

bool tool_streams_add(struct tool_streams *s, uint32_t stream)
{
    size_t at = stream / 8;
    if (at >= s->bytes) {
        size_t bytes = at + 1 > 2 * s->bytes ? at + 64 : 2 * s->bytes;
        uint8_t *grown = tool_checked(realloc(s->bits, bytes));
        if (!grown)
            return false;
        memset(grown + s->bytes, 0, bytes - s->bytes);
        s->bits = grown;
        s->bytes = bytes;
    }
    s->bits[at] |= (uint8_t)(1u << stream % 8);
    return true;
}

void tool_streams_clear(struct tool_streams *s)
{
    free(s->bits);
    *s = (struct tool_streams){0};
}
