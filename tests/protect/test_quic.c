/* QUIC's packets: those that RFC 9001 and RFC 9369 print, both ways, and what becomes of damaged and short ones. */
#include "keys/quic.h"
#include "protect/quic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct wt_crypto *crypto;

enum frames_id {
#define WT_FRAMES(id, hex, padded) FRAMES_##id,
#include "quic_vectors.def"
#undef WT_FRAMES
};

static const struct {
    const char *hex;
    size_t padded; /* bytes with PADDING; 0: as it is */
} frames[] = {
#define WT_FRAMES(id, hex, padded) {hex, padded},
#include "quic_vectors.def"
#undef WT_FRAMES
};

static const struct packet {
    const char *name;
    uint32_t version;
    uint16_t suite;
    const char *secret;
    bool server;
    const char *header;
    unsigned number_length;
    uint64_t number;
    enum frames_id frames;
    const char *hex;
} packets[] = {
#define WT_PACKET(name, version, suite, secret, server, header, number_length, number, frames, hex)                    \
    {name, version, suite, secret, server, header, number_length, number, FRAMES_##frames, hex},
#include "quic_vectors.def"
#undef WT_PACKET
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

enum { ROOM = 2048 };

static size_t unhex(const char *hex, uint8_t *out)
{
    size_t n = 0;
    for (; hex[2 * n]; n++)
        assert_int_equal(sscanf(hex + 2 * n, "%2hhx", &out[n]), 1);
    return n;
}

static void expect(const uint8_t *found, size_t n, const char *hex)
{
    uint8_t wanted[ROOM];
    assert_int_equal(n, unhex(hex, wanted));
    assert_memory_equal(found, wanted, n);
}

static struct wt_schedule schedule_of(enum wt_hash_id hash)
{
    struct wt_schedule s;
    assert_true(wt_schedule_start(&s, crypto, hash, WT_TLS13, NULL));
    return s;
}

static struct wt_quic_keys keys_of(const struct packet *packet)
{
    static const uint8_t dcid[] = {0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08};
    const struct wt_schedule s = schedule_of(WT_HASH_SHA256);
    const struct wt_quic_version *version = wt_quic_version_find(packet->version);
    const struct wt_cipher *cipher = wt_cipher_of(wt_suite_find(packet->suite)->cipher);
    uint8_t secrets[2][32];
    struct wt_quic_keys keys;
    assert_true(wt_quic_initial_secrets(&s, version, wt_span_of(dcid, sizeof dcid), secrets[0], secrets[1]));
    if (packet->secret)
        assert_int_equal(unhex(packet->secret, secrets[packet->server]), 32);
    assert_true(wt_quic_keys_of(&s, version, wt_span_of(secrets[packet->server], 32), cipher->key, &keys));
    return keys;
}

struct pair {
    struct wt_mask *mask;
    struct wt_protector *seal, *open;
};

static struct pair pair_of(uint16_t suite, const struct wt_quic_keys *keys)
{
    const struct wt_suite *row = wt_suite_find(suite);
    const struct wt_span key = wt_span_of(keys->key, keys->length), iv = wt_span_of(keys->iv, sizeof keys->iv);
    const struct pair pair = {
        .mask = wt_mask_new(crypto, (enum wt_cipher_id)row->cipher, wt_span_of(keys->hp, keys->length)),
        .seal = wt_quic_protector_new(crypto, row, key, iv, true, NULL),
        .open = wt_quic_protector_new(crypto, row, key, iv, false, NULL),
    };
    assert_non_null(pair.mask);
    assert_non_null(pair.seal);
    assert_non_null(pair.open);
    return pair;
}

static void free_pair(struct pair *pair)
{
    wt_mask_free(pair->mask);
    wt_protector_free(pair->seal);
    wt_protector_free(pair->open);
}

static struct wt_span frames_of(enum frames_id id, uint8_t *room)
{
    const size_t n = unhex(frames[id].hex, room), all = frames[id].padded ? frames[id].padded : n;
    memset(room + n, 0, all - n);
    return wt_span_of(room, all);
}

/* --- as the RFCs print them -------------------------------------------------------------------------------------- */

static void seals_as_printed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(packets); i++) {
        uint8_t header[64], inside[ROOM], out[ROOM];
        const struct wt_quic_keys keys = keys_of(&packets[i]);
        struct pair pair = pair_of(packets[i].suite, &keys);
        const struct wt_span bare = wt_span_of(header, unhex(packets[i].header, header));
        const size_t n = wt_quic_seal(pair.seal, pair.mask, bare, packets[i].number_length, packets[i].number,
                                      frames_of(packets[i].frames, inside), out);
        expect(out, n, packets[i].hex);
        free_pair(&pair);
    }
}

/* Opens the packet; the result, and what was inside in *opened (within `out`). */
static enum wt_opening open_packet(const struct pair *pair, struct wt_span packet, size_t number_at, uint64_t expected,
                                   uint8_t *out, struct wt_opened *opened, uint64_t *number)
{
    uint8_t room[64];
    struct wt_quic_bare bare;
    assert_true(wt_quic_unmask(pair->mask, packet, number_at, &bare));
    const struct wt_span header = wt_quic_header(packet, number_at, &bare, room);
    *number = wt_quic_number_restore(expected, bare.number, bare.number_length);
    return wt_quic_open(pair->open, header, *number, wt_span_cut(packet, header.n, SIZE_MAX), out, opened);
}

static void opens_what_is_printed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(packets); i++) {
        uint8_t bytes[ROOM], header[64], inside[ROOM], out[ROOM];
        const struct wt_quic_keys keys = keys_of(&packets[i]);
        struct pair pair = pair_of(packets[i].suite, &keys);
        const size_t number_at = unhex(packets[i].header, header) - packets[i].number_length;
        const struct wt_span packet = wt_span_of(bytes, unhex(packets[i].hex, bytes));
        const struct wt_span wanted = frames_of(packets[i].frames, inside);
        struct wt_opened opened;
        uint64_t number;
        assert_int_equal(open_packet(&pair, packet, number_at, packets[i].number, out, &opened, &number), WT_OPENED);
        assert_int_equal(number, packets[i].number);
        assert_int_equal(opened.text.n, wanted.n);
        assert_memory_equal(opened.text.p, wanted.p, wanted.n);
        free_pair(&pair);
    }
}

/* Every byte belongs to what the tag is over, but for a bit of the first that header protection hides and the tag sees.
 */
static void a_flipped_bit_is_seen_anywhere(void **state)
{
    const struct packet *row = &packets[1]; /* RFC 9001, A.3 */
    const struct wt_quic_keys keys = keys_of(row);
    struct pair pair = pair_of(row->suite, &keys);
    uint8_t bytes[ROOM], out[ROOM];
    const size_t n = unhex(row->hex, bytes);
    (void)state;
    for (size_t bit = 0; bit < 8 * n; bit++) {
        struct wt_opened opened;
        uint64_t number;
        bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        assert_int_not_equal(open_packet(&pair, wt_span_of(bytes, n), 18, 1, out, &opened, &number), WT_OPENED);
        bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    }
    free_pair(&pair);
}

/* RFC 9001, 5.4.2: "An endpoint MUST discard packets that are not long enough to contain a complete sample." */
static void a_packet_without_a_sample_is_refused(void **state)
{
    const struct packet *row = &packets[1];
    const struct wt_quic_keys keys = keys_of(row);
    struct pair pair = pair_of(row->suite, &keys);
    uint8_t bytes[ROOM], out[ROOM];
    struct wt_quic_bare bare;
    (void)state;
    assert_int_equal(unhex(row->hex, bytes), 135);
    for (size_t n = 0; n < 18 + 4 + 16; n++) {
        uint8_t copy[64];
        assert_false(wt_quic_unmask(pair.mask, wt_span_of(bytes, n), 18, &bare));
        memcpy(copy, bytes, sizeof copy);
        assert_false(wt_quic_mask(pair.mask, copy, n, 18, 2));
        assert_memory_equal(copy, bytes, sizeof copy);
    }
    assert_true(wt_quic_unmask(pair.mask, wt_span_of(bytes, 18 + 4 + 16), 18, &bare));
    assert_int_equal(
        wt_quic_seal(pair.seal, pair.mask, wt_span_of("\x40\x01", 2), 1, 1, wt_span_of("\x01\x01", 2), out), 0);
    assert_int_equal(
        wt_quic_seal(pair.seal, pair.mask, wt_span_of("\x40\x01", 2), 1, 1, wt_span_of("\x01\x01\x01", 3), out),
        2 + 3 + 16);
    free_pair(&pair);
}

/* --- all suites -------------------------------------------------------------------------------------------------- */

static void every_suite_there_and_back(void **state)
{
    static const uint16_t suites[] = {0x1301, 0x1302, 0x1303, 0x1304};
    struct wt_error why;
    (void)state;
    for (size_t i = 0; i < COUNT(suites); i++) {
        const struct wt_suite *suite = wt_suite_find(suites[i]);
        const struct wt_schedule s = schedule_of((enum wt_hash_id)suite->prf);
        uint8_t secret[64], header[32] = {0x43, 1, 2, 3, 4}, inside[300], packet[ROOM], out[ROOM];
        struct wt_quic_keys keys;
        memset(secret, 0x5a, sizeof secret);
        memset(inside, 0xa5, sizeof inside);
        for (unsigned update = 0; update < 3; update++) {
            const size_t length = wt_cipher_of(suite->cipher)->key;
            struct wt_opened opened;
            uint64_t number;
            assert_true(wt_quic_keys_of(&s, wt_quic_version_find(1), wt_span_of(secret, s.length), length, &keys));
            struct pair pair = pair_of(suites[i], &keys);
            const size_t n = wt_quic_seal(pair.seal, pair.mask, wt_span_of(header, 5 + 4), 4, 0,
                                          wt_span_of(inside, sizeof inside), packet);
            assert_int_equal(n, 5 + 4 + sizeof inside + WT_QUIC_TAG);
            assert_int_equal(open_packet(&pair, wt_span_of(packet, n), 5, 0, out, &opened, &number), WT_OPENED);
            assert_memory_equal(opened.text.p, inside, sizeof inside);
            free_pair(&pair);
            assert_true(wt_quic_update(&s, wt_quic_version_find(1), secret));
        }
    }
    assert_null(wt_quic_protector_new(crypto, wt_suite_find(0x1305), wt_span_of(packets, 16), wt_span_of(packets, 12),
                                      false, &why));
    assert_int_equal(why.code, WT_UNSUPPORTED);
    assert_int_equal(why.value, 0x1305);
}

/* --- packet numbers ---------------------------------------------------------------------------------------------- */

static void restores_packet_numbers(void **state)
{
    static const struct {
        uint64_t expected;
        uint32_t number;
        unsigned length;
        uint64_t restored;
    } rows[] = {
        {0xa82f30eb, 0x9b32, 2, 0xa82f9b32}, /* RFC 9000, A.3: after 0xa82f30ea */
        {0, 0, 1, 0},
        {0, 255, 1, 255},
        {1, 255, 1, 255},
        {128, 0, 1, 256},
        {127, 0, 1, 0},
        {0x100, 0xff, 1, 0xff},
        {0x180, 0, 1, 0x200},
        {0x181, 0xff, 1, 0x1ff},
        {0x10000, 0xffff, 2, 0xffff},
        {0x100000000, 0xffffffff, 4, 0xffffffff},
        {WT_VARINT_MOST, 0, 4, WT_VARINT_MOST & ~(uint64_t)0xffffffff},
        {WT_VARINT_MOST, 0xffffffff, 4, WT_VARINT_MOST},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(wt_quic_number_restore(rows[i].expected, rows[i].number, rows[i].length), rows[i].restored);
}

/* Whatever is sent in so many bytes as the RFC asks for comes back, wherever between the acknowledged and itself the
 * receiver stands. */
static void numbers_come_back(void **state)
{
    (void)state;
    /* RFC 9000, A.2: 0xabe8b3 acknowledged: 0xac5c02 takes 16 bits, 0xace8fe 24 */
    assert_int_equal(wt_quic_number_length(0xac5c02, 0xabe8b3 + 1), 2);
    assert_int_equal(wt_quic_number_length(0xace8fe, 0xabe8b3 + 1), 3);
    assert_int_equal(wt_quic_number_length((uint64_t)1 << 40, 0), 0);
    srand(9000);
    for (int round = 0; round < 20000; round++) {
        const uint64_t acknowledged = ((uint64_t)rand() << 20) >> rand() % 50;
        const uint64_t number = acknowledged + ((unsigned)rand() >> rand() % 30);
        const unsigned length = wt_quic_number_length(number, acknowledged);
        const uint64_t expected =
            acknowledged + (number > acknowledged ? (uint64_t)rand() % (number - acknowledged) : 0);
        if (!length)
            continue;
        const uint32_t low = (uint32_t)(number & (((uint64_t)1 << (8 * length)) - 1));
        assert_int_equal(wt_quic_number_restore(expected, low, length), number);
    }
}

/* --- Retry ------------------------------------------------------------------------------------------------------- */

static void tags_retries_as_printed(void **state)
{
    static const struct {
        uint32_t version;
        const char *packet;
    } rows[] = {
        {0x00000001, "ff000000010008f067a5502a4262b5746f6b656e04a265ba2eff4d829058fb3f0f2496ba"}, /* RFC 9001, A.4 */
        {0x6b3343cf, "cf6b3343cf0008f067a5502a4262b5746f6b656ec8646ce8bfe33952d955543665dcc7b6"}, /* RFC 9369, A.4 */
    };
    static const uint8_t dcid[] = {0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08};
    const struct wt_span original = wt_span_of(dcid, sizeof dcid);
    uint8_t packet[64], tag[WT_QUIC_TAG], other[WT_QUIC_TAG];
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct wt_quic_version *version = wt_quic_version_find(rows[i].version);
        const size_t n = unhex(rows[i].packet, packet) - WT_QUIC_TAG;
        assert_true(wt_quic_retry_tag(crypto, version, original, wt_span_of(packet, n), tag));
        assert_memory_equal(tag, packet + n, WT_QUIC_TAG);
        assert_true(wt_quic_retry_tag(crypto, version, (struct wt_span){0}, wt_span_of(packet, n), other));
        assert_memory_not_equal(tag, other, WT_QUIC_TAG);
    }
    /* without a tag before draft 25; an id of more than 20 bytes is none */
    assert_false(wt_quic_retry_tag(crypto, wt_quic_version_find(0xff000018), original, wt_span_of(packet, 20), tag));
    assert_false(wt_quic_retry_tag(crypto, wt_quic_version_find(1), wt_span_of(packet, 21), original, tag));
}

static int open_library(void **state)
{
    (void)state;
    crypto = wt_crypto_new();
    return crypto ? 0 : -1;
}

static int close_library(void **state)
{
    (void)state;
    wt_crypto_free(crypto);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seals_as_printed),
        cmocka_unit_test(opens_what_is_printed),
        cmocka_unit_test(a_flipped_bit_is_seen_anywhere),
        cmocka_unit_test(a_packet_without_a_sample_is_refused),
        cmocka_unit_test(every_suite_there_and_back),
        cmocka_unit_test(restores_packet_numbers),
        cmocka_unit_test(numbers_come_back),
        cmocka_unit_test(tags_retries_as_printed),
    };
    return cmocka_run_group_tests(tests, open_library, close_library);
}
