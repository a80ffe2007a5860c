/* Binary search in a static table that is sorted by one key; the tables' order is checked by the tests. */
#ifndef WT_REGISTRY_SEARCH_H
#define WT_REGISTRY_SEARCH_H

#include <stddef.h>

/* Ends the function: returns a pointer to the row of `table` whose member `key` equals `wanted`, or NULL. */
#define WT_SEARCH(table, key, wanted)                                                                                \
    size_t low_ = 0, high_ = sizeof(table) / sizeof((table)[0]);                                                     \
    while (low_ < high_) {                                                                                           \
        size_t middle_ = low_ + (high_ - low_) / 2;                                                                  \
        if ((table)[middle_].key == (wanted)) {                                                                      \
            return &(table)[middle_];                                                                                \
        }                                                                                                            \
        if ((table)[middle_].key < (wanted)) {                                                                       \
            low_ = middle_ + 1;                                                                                      \
        } else {                                                                                                     \
            high_ = middle_;                                                                                         \
        }                                                                                                            \
    }                                                                                                                \
    return NULL

#endif
