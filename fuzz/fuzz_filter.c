/* The compiler of filters and their answers: the input is a filter's text.
 *
 * Held to: an error that points into the text and says something; the same answer each time; the opposite answer of
 * the negated filter. */
#include "wiretale/filter.h"

#include "../tests/report/json_samples.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void hold(bool so, const char *what)
{
    if (so)
        return;
    fprintf(stderr, "fuzz_filter: %s\n", what);
    abort();
}

static void answer(const struct wt_filter *filter, const struct wt_filter *opposite, const struct wt_connection *c)
{
    bool is = wt_filter_match(filter, c);
    hold(wt_filter_match(filter, c) == is, "a second answer differs");
    if (opposite)
        hold(wt_filter_match(opposite, c) != is, "the negated filter gives the same answer");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wt_filter_error error;
    char *text = malloc(size + 1), *negated = malloc(size + 5);
    if (text && negated) {
        memcpy(text, data, size);
        text[size] = 0;
        (void)snprintf(negated, size + 5, "!(%s)", text);
        struct wt_filter *filter = wt_filter_compile(text, &error);
        if (filter) {
            /* one level deeper may be one too many */
            struct wt_filter *opposite = wt_filter_compile(negated, &error);
            answer(filter, opposite, &sample_full);
            answer(filter, opposite, &sample_bare);
            if (opposite)
                hold(wt_filter_needs_messages(filter) == wt_filter_needs_messages(opposite), "needs differ");
            wt_filter_free(opposite);
            wt_filter_free(filter);
        } else {
            size_t end = (size_t)error.column - 1 + error.length;
            hold(error.column > 0 && end <= strlen(text), "an error outside the text");
            hold(error.message[0] != 0, "an error without words");
        }
    }
    free(negated);
    free(text);
    return 0;
}
