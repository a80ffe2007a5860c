/* Numbers of which the wire has the low bytes only: QUIC's packet numbers (RFC 9000, 17.1 and A.3), DTLS 1.3's record
 * sequence numbers (RFC 9147, 4.2.2). */
#ifndef WT_PROTECT_NUMBER_H
#define WT_PROTECT_NUMBER_H

#include <stdint.h>

/* The number whose low `length` bytes (1 to 4) are `low`, closest to `expected`; none is greater than `most`. Of two as
 * close the greater. */
uint64_t wt_number_restore(uint64_t expected, uint32_t low, unsigned length, uint64_t most);

#endif
