/* What large limits on one message do, with lower ones. */
#include "../compare/places.h"

#include "codec/codec.h"

#include <brotli/decode.h>
#include <brotli/encode.h>
#include <stddef.h>
#include <zlib.h>

size_t test_inflate_memory; /* the limit: lower.h */

enum { PLAIN = 300000, ZLIB = 1, BROTLI = 2 /* RFC 8879, 7.3 */ };

static uint8_t plain[PLAIN], packed[2 * PLAIN], room[PLAIN];

static bool fits(const struct wt_compressed_certificate *in, size_t memory)
{
    WT_LIMIT_INFLATE_MEMORY = memory;
    return wt_compressed_certificate_inflate(in, room, PLAIN) == WT_OK;
}

/* The least memory with which it is decompressed: its largest pieces are the window, and tables of a few pages. */
static size_t least(const struct wt_compressed_certificate *in)
{
    size_t below = 0, enough = 1 << 22;
    assert_true(fits(in, enough) && !fits(in, below));
    while (enough - below > 1) {
        const size_t middle = below + (enough - below) / 2;
        *(fits(in, middle) ? &enough : &below) = middle;
    }
    return enough;
}

static size_t taken, most_taken; /* by libbrotli, of a program that grants all */

static void *take(void *context, size_t size)
{
    size_t *p = malloc(sizeof(max_align_t) + size);
    (void)context;
    assert_non_null(p);
    *p = size;
    taken += size;
    most_taken = taken > most_taken ? taken : most_taken;
    return (uint8_t *)p + sizeof(max_align_t);
}

static void give(void *context, void *address)
{
    (void)context;
    if (!address)
        return;
    size_t *p = (void *)((uint8_t *)address - sizeof(max_align_t));
    taken -= *p;
    free(p);
}

static size_t taken_for(const struct wt_compressed_certificate *in)
{
    size_t n = in->compressed.n, left = PLAIN;
    const uint8_t *from = in->compressed.p;
    uint8_t *to = room;
    taken = most_taken = 0;
    BrotliDecoderState *b = BrotliDecoderCreateInstance(take, give, NULL);
    assert_int_equal(BrotliDecoderDecompressStream(b, &n, &from, &left, &to, NULL), BROTLI_DECODER_RESULT_SUCCESS);
    BrotliDecoderDestroyInstance(b);
    return most_taken;
}

static void test_inflate(void **state)
{
    size_t before = 0;
    (void)state;
    for (size_t i = 0; i < PLAIN; i++)
        plain[i] = (uint8_t)(i * i >> 9);
    for (int bits = 12; bits <= 16; bits += 2) {
        size_t n = sizeof packed;
        assert_true(BrotliEncoderCompress(5, bits, BROTLI_MODE_GENERIC, PLAIN, plain, &n, packed));
        const struct wt_compressed_certificate in = {BROTLI, PLAIN, wt_span_of(packed, n)};
        const size_t window = (size_t)1 << bits, memory = least(&in);
        assert_int_equal(memory, taken_for(&in));
        assert_in_range(memory, window, window + 65536);
        assert_true(memory > before);
        before = memory;
    }
    uLongf n = sizeof packed;
    assert_int_equal(compress2(packed, &n, plain, PLAIN, 9), Z_OK);
    /* in one call zlib needs no window of its own */
    assert_in_range(least(&(struct wt_compressed_certificate){ZLIB, PLAIN, wt_span_of(packed, n)}), 4096, 32768);
}

/* Fields that were not kept are not compared, and that is said: nobody can tell whether they are the same. */
static void test_trail(void **state)
{
    static struct places s;
    static struct told t;
    unsigned cut[2] = {0, 0};
    (void)state;
    for (unsigned groups = 1; groups < 2 * WT_LIMIT_TRAIL; groups++) {
        struct flight whole = {{0}};
        uint8_t list[2 + 4 * WT_LIMIT_TRAIL] = {(uint8_t)(2 * groups >> 8), (uint8_t)(2 * groups)};
        uint8_t body[64 + sizeof list] = {3, 3, [35] = 0, 2, 0, 1, 1, 0};
        struct wt_writer w = wt_writer_start(body, sizeof body);
        w.n = 41;
        const size_t extensions = wt_write_open(&w, 2);
        put_extension(&w, WT_EXT_SUPPORTED_GROUPS, list, 2 + 2 * (size_t)groups);
        wt_write_close(&w, extensions, 2, 0, 65535, "extensions");
        add_handshake(&whole, WT_HANDSHAKE_CLIENT_HELLO, body, w.n);
        begin(&s);
        open_tcp(&s);
        const size_t at = send_both(&s, WT_CLIENT, WT_TCP_ACK, whole.b.p, whole.b.n);
        send_data(&s, WT_SERVER, 400);
        s.at[1].list[at].bytes[whole.b.n - 1] ^= 1; /* the last group */
        compare(&t, &s);
        wt_buffer_free(&whole.b);
        end(&s);
        cut[t.c.cut]++;
        assert_non_null(strstr(t.ids, "message-rewritten "));
        assert_int_equal(strstr(t.ids, "field-changed ") == NULL, t.c.cut);
        assert_int_equal(cut[1] > 0, t.c.cut); /* from some number on */
    }
    /* beside its groups a hello has so many fields: version, random, session, suites and one, methods and one, the
     * extensions and one with its type, data and list */
    assert_int_equal(cut[0], WT_LIMIT_TRAIL - 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_inflate),
        cmocka_unit_test(test_trail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
