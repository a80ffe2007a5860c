#include "sealed.h"

#include "crypto/mask.h"
#include "keys/key_block.h"
#include "keys/schedule.h"
#include "protect/dtls13.h"
#include "protect/protect.h"

enum { TRAFFIC = 3, RANDOM_CLIENT = 0x43, RANDOM_SERVER = 0x53 };

static uint16_t suite_id = 0x1301;

void suite13(uint16_t suite)
{
    suite_id = suite;
}

static size_t secret_length(void)
{
    return wt_suite_find(suite_id)->prf == WT_HASH_SHA384 ? 48 : 32;
}

void secret13(unsigned from, uint64_t epoch, uint8_t secret[SECRET_MOST])
{
    memset(secret, (int)(0x10 * epoch + from + 1), SECRET_MOST);
}

const char *keylog13(uint8_t random)
{
    static const char *const labels[2][2] = {{"CLIENT_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_TRAFFIC_SECRET_0"},
                                             {"SERVER_HANDSHAKE_TRAFFIC_SECRET", "SERVER_TRAFFIC_SECRET_0"}};
    static char text[2048];
    size_t n = 0;
    for (unsigned side = 0; side < 2; side++)
        for (unsigned epoch = 2; epoch <= TRAFFIC; epoch++) {
            uint8_t secret[SECRET_MOST];
            secret13(side, epoch, secret);
            n += (size_t)sprintf(text + n, "%s ", labels[side][epoch - 2]);
            for (int i = 0; i < 32; i++)
                n += (size_t)sprintf(text + n, "%02x", random);
            text[n++] = ' ';
            for (size_t i = 0; i < secret_length(); i++)
                n += (size_t)sprintf(text + n, "%02x", secret[i]);
            text[n++] = '\n';
        }
    text[n] = 0;
    return text;
}

static size_t header_of(uint8_t header[300], uint64_t epoch, uint64_t sequence, size_t length, const struct layout *l)
{
    struct wt_writer w = wt_writer_start(header, 300);
    const struct wt_dtls_record in = {
        .unified = true,
        .first = (uint8_t)(WT_DTLS13_FIXED | (l->cid.n ? WT_DTLS13_CID : 0) | (l->one_byte ? 0 : WT_DTLS13_SEQUENCE16) |
                           (l->no_length ? 0 : WT_DTLS13_LENGTH) | (epoch & WT_DTLS13_EPOCH)),
        .sequence = sequence,
        .cid = l->cid};
    wt_dtls_record_write(&w, &in, length);
    struct wt_span all;
    assert_int_equal(wt_writer_done(&w, &all), WT_OK);
    return all.n;
}

void seal13(struct wt_buffer *out, unsigned from, uint64_t epoch, uint64_t sequence, uint8_t type, struct wt_span text,
            struct layout layout)
{
    const struct wt_suite *suite = wt_suite_find(suite_id);
    const size_t key_n = wt_cipher_of((enum wt_cipher_id)suite->cipher)->key;
    uint8_t secret[SECRET_MOST], key[32], iv[12], number_key[32], header[300], sealed[18000];
    struct wt_crypto *crypto = wt_crypto_new();
    struct wt_schedule s;
    secret13(from, epoch < TRAFFIC ? epoch : TRAFFIC, secret);
    assert_true(wt_schedule_start(&s, crypto, (enum wt_hash_id)suite->prf, WT_DTLS13, NULL));
    for (uint64_t e = TRAFFIC; e < epoch; e++)
        assert_true(wt_traffic_update(&s, secret));
    const struct wt_span of = {secret, s.length};
    assert_true(wt_traffic_key(&s, of, key_n, key, iv));
    assert_true(wt_record_number_key(&s, of, key_n, number_key));
    const struct wt_protection how = {.suite = suite, .version = WT_DTLS13, .key = {key, key_n}, .iv = {iv, sizeof iv}};
    struct wt_protector *p = wt_protector_new(crypto, &how, true, NULL);
    struct wt_mask *mask = wt_mask_new(crypto, (enum wt_cipher_id)suite->cipher, wt_span_of(number_key, key_n));
    assert_non_null(p);
    assert_non_null(mask);
    const size_t n = header_of(header, epoch, sequence, text.n + wt_protector_overhead(p), &layout);
    const struct wt_protect_header at = {wt_span_of(header, n), sequence};
    const size_t body = wt_protector_seal(p, &at, type, text, 0, NULL, sealed, NULL);
    assert_true(body != WT_SEAL_FAILED);
    uint8_t sample[16];
    memcpy(sample, sealed, sizeof sample);
    for (unsigned i = 0; layout.swapped && i < 4; i++)
        sample[i] = sealed[3 - i];
    assert_true(
        wt_dtls13_mask(mask, wt_span_of(sample, sizeof sample), header + 1 + layout.cid.n, layout.one_byte ? 1 : 2));
    assert_true(wt_buffer_add(out, header, n));
    assert_true(wt_buffer_add(out, sealed, body));
    wt_mask_free(mask);
    wt_protector_free(p);
    wt_crypto_free(crypto);
}

struct wt_span extensions13(struct wt_buffer *room, bool server, struct wt_span cid)
{
    static const uint8_t offered[] = {0, 43, 0, 5, 4, 0xfe, 0xfc, 0xfe, 0xfd}, chosen[] = {0, 43, 0, 2, 0xfe, 0xfc};
    room->n = 0;
    assert_true(server ? wt_buffer_add(room, chosen, sizeof chosen) : wt_buffer_add(room, offered, sizeof offered));
    if (!cid.p)
        return wt_buffer_span(room);
    const uint8_t head[5] = {0, 54, 0, (uint8_t)(cid.n + 1), (uint8_t)cid.n};
    assert_true(wt_buffer_add(room, head, sizeof head));
    assert_true(wt_buffer_add(room, cid.p, cid.n));
    return wt_buffer_span(room);
}

void hellos13(struct world *w, uint8_t random, struct wt_span client_cid, struct wt_span server_cid)
{
    struct wt_buffer out = {0}, body = {0}, extensions = {0};
    handshake(&out, 0, WT_HANDSHAKE_CLIENT_HELLO, 0,
              client_hello(&body, random, "", extensions13(&extensions, false, client_cid)));
    send_buffer(w, WT_CLIENT, &out);
    handshake(&out, 0, WT_HANDSHAKE_SERVER_HELLO, 0,
              server_hello(&body, suite_id, extensions13(&extensions, true, server_cid)));
    send_buffer(w, WT_SERVER, &out);
    wt_buffer_free(&out);
    wt_buffer_free(&body);
    wt_buffer_free(&extensions);
}

/* --- DTLS 1.2 ----------------------------------------------------------------------------------------------------- */

/* RFC 9850, 2.2: the line for the random of client_hello(), 0x43. */
const char *keylog12(void)
{
    static char text[13 + 1 + 64 + 1 + 96 + 2];
    size_t n = (size_t)sprintf(text, "CLIENT_RANDOM ");
    for (int i = 0; i < 32; i++)
        n += (size_t)sprintf(text + n, "43");
    text[n++] = ' ';
    for (int i = 0; i < 48; i++)
        n += (size_t)sprintf(text + n, "6d");
    text[n++] = '\n';
    text[n] = 0;
    return text;
}

void terms12(struct wt_terms *terms, struct wt_crypto *crypto, uint16_t suite)
{
    static uint8_t client[32], server[32];
    memset(client, RANDOM_CLIENT, sizeof client);
    memset(server, RANDOM_SERVER, sizeof server);
    *terms = (struct wt_terms){.crypto = crypto,
                               .suite = wt_suite_find(suite),
                               .version = WT_DTLS12,
                               .client_random = client,
                               .server_random = server};
}

void seal12(struct wt_buffer *out, uint16_t suite, unsigned from, uint8_t type, uint16_t epoch, uint64_t sequence,
            struct wt_span text, struct wt_span cid)
{
    uint8_t master[WT_MASTER], header[13 + 255], sealed[18000], inner[256];
    struct wt_crypto *crypto = wt_crypto_new();
    struct wt_terms terms;
    memset(master, MASTER12, sizeof master);
    terms12(&terms, crypto, suite);
    struct wt_key_block block;
    assert_true(wt_key_block(&terms, master, &block));
    const struct wt_protection how = {.suite = terms.suite,
                                      .version = WT_TLS12,
                                      .mac_key = block.mac_key[from],
                                      .key = block.key[from],
                                      .iv = block.iv[from]};
    struct wt_protector *p = wt_protector_new(crypto, &how, true, NULL);
    assert_non_null(p);
    if (cid.n) {
        memcpy(inner, text.p, text.n);
        inner[text.n] = type;
        inner[text.n + 1] = 0;
        text = wt_span_of(inner, text.n + 2);
        type = WT_CONTENT_TLS12_CID;
    }
    struct wt_writer writer = wt_writer_start(header, sizeof header);
    const struct wt_dtls_record in = {
        .type = type, .version = WT_DTLS12, .epoch = epoch, .sequence = sequence, .cid = cid};
    wt_dtls_record_write(&writer, &in, 0);
    struct wt_span all;
    assert_int_equal(wt_writer_done(&writer, &all), WT_OK);
    const struct wt_protect_header at = {all, (uint64_t)epoch << 48 | sequence};
    const size_t n = wt_protector_seal(p, &at, type, text, 0, NULL, sealed, NULL);
    assert_true(n != WT_SEAL_FAILED);
    header[all.n - 2] = (uint8_t)(n >> 8);
    header[all.n - 1] = (uint8_t)n;
    assert_true(wt_buffer_add(out, header, all.n));
    assert_true(wt_buffer_add(out, sealed, n));
    wt_protector_free(p);
    wt_crypto_free(crypto);
}
