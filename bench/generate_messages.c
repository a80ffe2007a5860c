/* The messages of a TLS 1.2 handshake, in their records. */
#include "generate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* A record's header; its length is closed by close_u16(at - 2, end). */
static uint8_t *put_record(uint8_t *at, unsigned content_type, unsigned version)
{
    return put_u16(put_u16(put_u8(at, content_type), version), 0);
}

/* What AES-GCM leaves to be seen: explicit nonce, ciphertext and tag (RFC 5288, section 3). */
uint8_t *put_sealed(uint8_t *at, struct connection *c, unsigned content_type, size_t plaintext)
{
    uint8_t *const body = put_record(at, content_type, 0x0303);
    uint8_t *const end = put_random(body, &c->random, 8 + plaintext + 16);
    close_u16(body - 2, end);
    return end;
}

static size_t server_name(char name[64], const struct connection *c)
{
    return (size_t)snprintf(name, 64, "c%08" PRIu32 ".bench%u.example", c->index, c->index % CERTIFICATES);
}

static uint8_t *put_client_extensions(uint8_t *at, const struct connection *c)
{
    static const uint8_t fixed[] = {
        0x00, 0x17, 0, 0,                                            /* extended_master_secret */
        0xff, 0x01, 0, 1,  0,                                        /* renegotiation_info, first handshake */
        0x00, 0x0a, 0, 6,  0, 4, 0x00, 0x1d, 0x00, 0x17,             /* supported_groups: x25519, secp256r1 */
        0x00, 0x0b, 0, 2,  1, 0,                                     /* ec_point_formats: uncompressed */
        0x00, 0x0d, 0, 8,  0, 6, 0x08, 0x07, 0x04, 0x03, 0x08, 0x04, /* signature_algorithms: ed25519 first */
        0x00, 0x10, 0, 11, 0, 9, 8,    'h',  't',  't',  'p',  '/',  '1', '.', '1'};
    char name[64];
    const size_t length = server_name(name, c);
    at = put_u16(put_u16(put_u16(at, 0x0000), length + 5), length + 3); /* server_name, its list */
    at = put_bytes(put_u16(put_u8(at, 0), length), name, length);
    return put_bytes(at, fixed, sizeof fixed);
}

static uint8_t *put_hello_random(uint8_t *at, struct connection *c, int from)
{
    uint8_t *const end = put_random(at, &c->random, sizeof c->randoms[from]);
    memcpy(c->randoms[from], at, sizeof c->randoms[from]);
    return end;
}

uint8_t *put_client_hello(uint8_t *at, struct connection *c, size_t ticket)
{
    static const uint8_t suites[] = {0, 6, 0xc0, 0x2b, 0xc0, 0x2c, 0xcc, 0xa9, 1, 0};
    uint8_t *const record = put_record(at, HANDSHAKE, 0x0301);
    uint8_t *const body = put_u24(put_u8(record, 1), 0);
    at = put_hello_random(put_u16(body, 0x0303), c, CLIENT);
    at = put_u8(at, 0); /* no session to resume */
    at = put_bytes(at, suites, sizeof suites);
    uint8_t *const extensions = at;
    at = put_client_extensions(extensions + 2, c);
    if (ticket > 0)
        at = put_random(put_u16(put_u16(at, 0x0023), ticket), &c->random, ticket); /* RFC 5077, section 3.2 */
    close_u16(extensions, at);
    close_u24(body - 3, at);
    close_u16(record - 2, at);
    return at;
}

static uint8_t *put_server_hello(uint8_t *at, struct connection *c)
{
    static const uint8_t tail[] = {0xc0, 0x2b, 0,           /* ECDHE_ECDSA with AES_128_GCM_SHA256 */
                                   0,    30,                /* extensions */
                                   0x00, 0x17, 0, 0,        /* extended_master_secret */
                                   0xff, 0x01, 0, 1,  0,    /* renegotiation_info */
                                   0x00, 0x0b, 0, 2,  1, 0, /* ec_point_formats */
                                   0x00, 0x10, 0, 11, 0, 9, 8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    uint8_t *const record = put_record(at, HANDSHAKE, 0x0303);
    uint8_t *const body = put_u24(put_u8(record, 2), 0);
    at = put_hello_random(put_u16(body, 0x0303), c, SERVER);
    at = put_random(put_u8(at, 32), &c->random, 32); /* a session ID, as servers with a cache give */
    at = put_bytes(at, tail, sizeof tail);
    close_u24(body - 3, at);
    close_u16(record - 2, at);
    return at;
}

static uint8_t *put_certificate(uint8_t *at, const struct certificate *certificate)
{
    uint8_t *const record = put_record(at, HANDSHAKE, 0x0303);
    at = put_u24(put_u8(record, 11), certificate->length + 6);
    at = put_u24(put_u24(at, certificate->length + 3), certificate->length);
    at = put_bytes(at, certificate->der, certificate->length);
    close_u16(record - 2, at);
    return at;
}

/* Over both randoms and the parameters (RFC 8422, section 5.4). Without memory for it what it fills stays zero: a
 * reader then says so. */
static uint8_t *put_signature(uint8_t *at, const struct connection *c, EVP_PKEY *key, const uint8_t *parameters)
{
    uint8_t said[2 * 32 + 36];
    size_t length = 64;
    EVP_MD_CTX *const context = EVP_MD_CTX_new();
    memcpy(said, c->randoms, sizeof c->randoms);
    memcpy(said + sizeof c->randoms, parameters, 36);
    memset(at, 0, length);
    if (context != NULL && EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1)
        EVP_DigestSign(context, at, &length, said, sizeof said);
    EVP_MD_CTX_free(context);
    return at + 64;
}

static uint8_t *put_server_key_exchange(uint8_t *at, struct connection *c, EVP_PKEY *key)
{
    uint8_t *const record = put_record(at, HANDSHAKE, 0x0303);
    uint8_t *const body = put_u24(put_u8(record, 12), 0);
    at = put_u8(put_u16(put_u8(body, 3), 0x001d), 32); /* named_curve, x25519 */
    at = put_random(at, &c->random, 32);
    at = put_u16(put_u16(at, 0x0807), 64); /* ed25519 */
    at = put_signature(at, c, key, body);
    close_u24(body - 3, at);
    close_u16(record - 2, at);
    return at;
}

uint8_t *put_finished(uint8_t *at, struct connection *c)
{
    at = put_record(at, CHANGE_CIPHER_SPEC, 0x0303);
    uint8_t *const end = put_u8(at, 1);
    close_u16(at - 2, end);
    return put_sealed(end, c, HANDSHAKE, 16);
}

uint8_t *put_server_flight(uint8_t *at, struct connection *c, const struct certificate *certificate)
{
    static const uint8_t server_hello_done[] = {HANDSHAKE, 3, 3, 0, 4, 14, 0, 0, 0};
    at = put_server_key_exchange(put_certificate(put_server_hello(at, c), certificate), c, certificate->key);
    return put_bytes(at, server_hello_done, sizeof server_hello_done);
}

uint8_t *put_client_flight(uint8_t *at, struct connection *c)
{
    uint8_t *const record = put_record(at, HANDSHAKE, 0x0303);
    at = put_u8(put_u24(put_u8(record, 16), 33), 32);
    at = put_random(at, &c->random, 32);
    close_u16(record - 2, at);
    return put_finished(at, c);
}
