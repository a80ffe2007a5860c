/* Preloaded before ngtcp2's server, whose secret for stateless reset tokens is drawn at its start: with a secret of all its
 * runs, as RFC 9000, 10.3.2 has it ("a single static key"), its successor can answer in its place. Here it is simply that
 * each byte of the id has other bits; datagrams.py knows them. */
#include <stddef.h>
#include <stdint.h>

struct id {
    size_t length;
    uint8_t bytes[20];
};

int ngtcp2_crypto_generate_stateless_reset_token(uint8_t token[16], const uint8_t *secret, size_t length,
                                                 const struct id *id);

int ngtcp2_crypto_generate_stateless_reset_token(uint8_t token[16], const uint8_t *secret, size_t length,
                                                 const struct id *id)
{
    (void)secret;
    (void)length;
    for (size_t i = 0; i < 16; i++)
        token[i] = (uint8_t)((i < id->length ? id->bytes[i] : 0) ^ 0x5a);
    return 0;
}
