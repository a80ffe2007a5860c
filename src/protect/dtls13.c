#include "protect/dtls13.h"

#include "protect/number.h"

/* RFC 9147, 4.2.3: "The encrypted sequence number is computed by XORing the leading bytes of the mask with the
 * on-the-wire representation of the sequence number. Decryption is accomplished by the same process." */
bool wt_dtls13_mask(struct wt_mask *mask, struct wt_span fragment, uint8_t *sequence, unsigned length)
{
    uint8_t bits[WT_MASK_BYTES];
    if (fragment.n < WT_MASK_SAMPLE || !wt_mask_make(mask, fragment.p, bits))
        return false;
    for (unsigned i = 0; i < length; i++)
        sequence[i] ^= bits[i];
    return true;
}

/* The number has 64 bits (RFC 9147, 4, RecordNumber); no epoch comes near their end. */
uint64_t wt_dtls13_sequence(uint64_t expected, uint32_t low, unsigned length)
{
    return wt_number_restore(expected, low, length, WT_VARINT_MOST);
}
