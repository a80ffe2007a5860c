/* Lists that grow. */
#ifndef WT_BASE_ARRAY_H
#define WT_BASE_ARRAY_H

#include <stdbool.h>
#include <stddef.h>

/* Room for one more: *list (a pointer to n elements of `size` bytes, with room for *room) moves to twice the room,
 * `least` to begin with, when it is full. False without memory or when that overflows; the list then stays as it is. */
bool wt_array_grow(void *list, size_t n, size_t *room, size_t size, size_t least);
/* The same; false also when twice the room is more than `most` elements. */
bool wt_array_grow_within(void *list, size_t n, size_t *room, size_t size, size_t least, size_t most);

#endif
