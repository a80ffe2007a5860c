/* Mutates capture files: packets dropped, doubled, swapped, cut, split, put into other carriers; header fields and
 * times changed; what TLS is made of (mutate_tls.h) changed within segments. Checksums, lengths and the sequence
 * numbers of what follows are made right, so that a reader gets as far as the change. */
#ifndef WT_FUZZ_MUTATE_CAPTURE_H
#define WT_FUZZ_MUTATE_CAPTURE_H

#include "dice.h"

/* Changes a pcap or pcapng file, in this machine's byte order and uncompressed, in place; what is none is left to
 * libFuzzer. Returns its size then, at most `most`. */
size_t mutate_capture(uint8_t *data, size_t size, size_t most, uint64_t seed);

/* A file of packets of both captures, in the form of the first; 0 when either is none, or none is as small. */
size_t cross_captures(const uint8_t *one, size_t one_size, const uint8_t *two, size_t two_size, uint8_t *out,
                      size_t most, uint64_t seed);

#endif
