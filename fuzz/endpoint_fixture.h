/* A client and a server whose random numbers, keys and certificates are always the same: what a fuzzer found once
 * happens again, and what one of them sent in one run is right for the other in the next. */
#ifndef WT_FUZZ_ENDPOINT_FIXTURE_H
#define WT_FUZZ_ENDPOINT_FIXTURE_H

#include "wiretale/endpoint.h"

#include <stdio.h>
#include <stdlib.h>

#define FUZZ_NOW_MS INT64_C(1900000000000) /* within the certificates' time */

static inline void hold(bool so, const char *what)
{
    if (so)
        return;
    fprintf(stderr, "fuzz: %s\n", what);
    abort();
}

/* The party of a side (enum wt_side) with the options that the byte chooses; made once each. */
struct wt_party *fuzz_party(unsigned side, uint8_t options);
/* A connection of it: its random numbers begin anew. */
struct wt_endpoint *fuzz_endpoint(unsigned side, uint8_t options);
/* Takes what it has to say and what it received; asks all that can be asked. Returns whether there was anything. */
bool fuzz_drain(struct wt_endpoint *e);
/* What holds of every connection, at any time. */
void fuzz_check(struct wt_endpoint *e);
/* A side that reads whatever comes in the place of its peer's bytes: the first byte chooses its options, the second
 * into which pieces the rest is cut. */
void fuzz_seat(unsigned side, const uint8_t *data, size_t size);

#endif
