#include "base/array.h"
#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

bool wt_array_grow_within(void *list, size_t n, size_t *room, size_t size, size_t least, size_t most)
{
    void *p;
    if (n < *room)
        return true;
    size_t more = *room ? *room * 2 : least;
    if (more <= *room || more > most)
        return false;
    memcpy(&p, list, sizeof p); /* whatever it points to, the pointer is copied as bytes */
    void *grown = wt_reallocarray(p, more, size);
    if (!grown)
        return false;
    memcpy(list, &grown, sizeof grown);
    *room = more;
    /* cppcheck-suppress memleak ; the list has it */
    return true;
}

bool wt_array_grow(void *list, size_t n, size_t *room, size_t size, size_t least)
{
    return wt_array_grow_within(list, n, room, size, least, SIZE_MAX);
}
