#include "base/options.h"

#include <string.h>

bool wt_options_take(void *to, size_t size, const void *from, struct wt_error *error)
{
    const unsigned char *bytes = from;
    struct wt_error ignored = {0}, *e = error ? error : &ignored;
    size_t given;
    memcpy(&given, bytes, sizeof given);
    *e = (struct wt_error){0};
    if (given < sizeof given || given > WT_OPTIONS_MOST) {
        *e = (struct wt_error){.code = WT_VALUE,
                               .field = "size",
                               .value = given,
                               .rule = "a struct of options begins with its own sizeof"};
        return false;
    }
    for (size_t i = size; i < given; i++)
        if (bytes[i]) {
            *e = (struct wt_error){.code = WT_UNSUPPORTED,
                                   .field = "options",
                                   .offset = i,
                                   .value = bytes[i],
                                   .bound = size,
                                   .rule = "the program sets an option that this older libwiretale does not know"};
            return false;
        }
    memset(to, 0, size);
    memcpy(to, from, given < size ? given : size);
    memcpy(to, &size, sizeof size);
    return true;
}
