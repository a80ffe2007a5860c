/* The transcript: order of flights against order of arrival, retries, limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "keys/transcript.h"
#include "registry/limits.h"

enum { CLIENT, SERVER, HELLO = 1, SERVER_HELLO = 2, FINISHED = 20, HASH = 254 };

static bool add(struct wt_transcript *t, unsigned side, uint8_t type, uint8_t place, const char *body)
{
    return wt_transcript_add(t, side, type, place, wt_span_text(body), true);
}

/* All before `index` is these bytes. */
static void expect(const struct wt_transcript *t, size_t index, const char *bytes, size_t n)
{
    struct wt_buffer scratch = {0};
    struct wt_span found = wt_transcript_before(t, index, &scratch);
    assert_int_equal(found.n, n);
    if (n)
        assert_memory_equal(found.p, bytes, n);
    wt_buffer_free(&scratch);
}
#define EXPECT(t, index, bytes) expect(t, index, bytes, sizeof(bytes) - 1)

static void empty_holds_nothing(void **state)
{
    struct wt_transcript t = {0};
    (void)state;
    EXPECT(&t, 0, "");
    EXPECT(&t, SIZE_MAX, "");
    assert_true(wt_transcript_find(&t, CLIENT, HELLO) == SIZE_MAX);
    assert_false(wt_transcript_retry(&t, wt_span_text("digest"))); /* there is no ClientHello to be replaced */
    wt_transcript_clear(&t);
}

/* RFC 8446, 4.4.1: "This value is computed by hashing the concatenation of each included handshake message, including
 * the handshake message header carrying the handshake message type and length fields, but not including record layer
 * headers." */
static void messages_have_their_headers(void **state)
{
    struct wt_transcript t = {0};
    (void)state;
    assert_true(add(&t, CLIENT, HELLO, 0, "abc"));
    assert_true(add(&t, SERVER, SERVER_HELLO, 1, ""));
    assert_true(wt_transcript_add(&t, SERVER, 14, 1, (struct wt_span){0}, true));
    EXPECT(&t, 0, "");
    EXPECT(&t, 1, "\1\0\0\3abc");
    EXPECT(&t, 2, "\1\0\0\3abc\2\0\0\0");
    EXPECT(&t, 3, "\1\0\0\3abc\2\0\0\0\16\0\0\0");
    EXPECT(&t, 4, "\1\0\0\3abc\2\0\0\0\16\0\0\0");
    assert_false(t.reordered);
    wt_transcript_clear(&t);
    assert_int_equal(t.count, 0);
    EXPECT(&t, 1, "");
}

/* RFC 5246, E.2: of an SSL 2.0 hello, what follows its record header. */
static void old_hellos_come_without_header(void **state)
{
    struct wt_transcript t = {0};
    (void)state;
    assert_true(wt_transcript_add(&t, CLIENT, HELLO, 0, wt_span_text("\1old"), false));
    assert_true(add(&t, SERVER, SERVER_HELLO, 1, "x"));
    EXPECT(&t, 2, "\1old\2\0\0\1x");
    wt_transcript_clear(&t);
}

/* The client's second flight was seen before the server's first: a stream is read whole before the other. */
static void flights_stand_in_order(void **state)
{
    struct wt_transcript t = {0};
    (void)state;
    assert_true(add(&t, CLIENT, HELLO, 0, "a"));
    assert_true(add(&t, CLIENT, 16, 2, "d"));
    assert_true(add(&t, CLIENT, FINISHED, 2, "e"));
    assert_true(add(&t, SERVER, SERVER_HELLO, 1, "b"));
    assert_true(add(&t, SERVER, 14, 1, "c"));
    assert_true(add(&t, SERVER, FINISHED, 3, "f"));
    assert_true(t.reordered);
    EXPECT(&t, 3, "\1\0\0\1a\2\0\0\1b\16\0\0\1c");
    EXPECT(&t, 6, "\1\0\0\1a\2\0\0\1b\16\0\0\1c\20\0\0\1d\24\0\0\1e\24\0\0\1f");
    assert_int_equal(wt_transcript_find(&t, CLIENT, FINISHED), 4);
    assert_int_equal(wt_transcript_find(&t, SERVER, FINISHED), 5);
    assert_true(wt_transcript_find(&t, SERVER, HELLO) == SIZE_MAX);
    assert_int_equal(t.entries[1].side, SERVER);
    assert_int_equal(t.entries[1].place, 1);
    wt_transcript_clear(&t);
}

/* All orders of arrival that keep each side's own come to the same. */
static void every_interleaving_is_the_same(void **state)
{
    static const struct {
        uint8_t type, place;
    } sides[2][4] = {{{1, 0}, {11, 2}, {16, 2}, {20, 2}}, {{2, 1}, {11, 1}, {14, 1}, {20, 3}}};
    (void)state;
    for (unsigned order = 0; order < 256; order++) {
        struct wt_transcript t = {0};
        unsigned next[2] = {0, 0};
        for (unsigned i = 0; i < 8; i++) {
            unsigned side = order >> i & 1;
            if (next[side] == 4)
                side = !side;
            unsigned k = next[side]++;
            assert_true(add(&t, side, sides[side][k].type, sides[side][k].place, side ? "s" : "c"));
        }
        EXPECT(&t, 8, "\1\0\0\1c\2\0\0\1s\13\0\0\1s\16\0\0\1s\13\0\0\1c\20\0\0\1c\24\0\0\1c\24\0\0\1s");
        wt_transcript_clear(&t);
    }
}

/* RFC 8446, 4.4.1: "the value of ClientHello1 is replaced with a special synthetic handshake message of handshake type
 * "message_hash" containing Hash(ClientHello1)". */
static void retries_replace_the_first_hello(void **state)
{
    struct wt_transcript t = {0};
    (void)state;
    assert_true(add(&t, CLIENT, HELLO, 0, "first"));
    assert_true(wt_transcript_retry(&t, wt_span_text("dig")));
    assert_true(add(&t, SERVER, SERVER_HELLO, 1, "retry"));
    assert_true(wt_transcript_find(&t, CLIENT, HELLO) == SIZE_MAX);
    assert_true(add(&t, CLIENT, HELLO, 2, "second"));
    assert_int_equal(wt_transcript_find(&t, CLIENT, HELLO), 2);
    EXPECT(&t, 1, "\376\0\0\3dig");
    EXPECT(&t, 3, "\376\0\0\3dig\2\0\0\5retry\1\0\0\6second");
    assert_int_equal(t.entries[0].type, HASH);
    wt_transcript_clear(&t);
}

/* Both ClientHellos were seen before the HelloRetryRequest. */
static void retries_may_come_late(void **state)
{
    struct wt_transcript t = {0};
    (void)state;
    assert_true(add(&t, CLIENT, HELLO, 0, "1"));
    assert_true(add(&t, CLIENT, HELLO, 2, "2"));
    assert_int_equal(wt_transcript_find(&t, CLIENT, HELLO), 1); /* the newest */
    assert_true(add(&t, SERVER, SERVER_HELLO, 1, "r"));
    assert_true(wt_transcript_retry(&t, wt_span_text("dig")));
    EXPECT(&t, 3, "\376\0\0\3dig\2\0\0\1r\1\0\0\0012");
    wt_transcript_clear(&t);
}

/* More entries than there is room for at first, each in front of the last. */
static void grows(void **state)
{
    struct wt_transcript t = {0};
    struct wt_buffer scratch = {0};
    (void)state;
    for (unsigned i = 0; i < 200; i++)
        assert_true(add(&t, i & 1, (uint8_t)(200 - i), (uint8_t)(200 - i), ""));
    struct wt_span all = wt_transcript_before(&t, t.count, &scratch);
    assert_int_equal(all.n, 800);
    for (unsigned i = 0; i < 200; i++)
        assert_int_equal(all.p[4 * i], i + 1);
    wt_buffer_free(&scratch);
    wt_transcript_clear(&t);
}

/* What does not fit ends the transcript for good: no proof may be judged over half of it. */
static void breaks_at_its_limit(void **state)
{
    struct wt_transcript t = {0};
    uint8_t *body = calloc(WT_LIMIT_TRANSCRIPT, 1);
    (void)state;
    assert_non_null(body);
    assert_true(add(&t, CLIENT, HELLO, 0, "hello"));
    size_t held = t.bytes.n;
    assert_true(wt_transcript_add(&t, SERVER, 11, 1, wt_span_of(body, WT_LIMIT_TRANSCRIPT - held - 4 - 4), true));
    assert_true(add(&t, SERVER, 14, 1, ""));
    assert_int_equal(t.bytes.n, WT_LIMIT_TRANSCRIPT);
    assert_false(t.broken);
    assert_false(wt_transcript_add(&t, SERVER, 14, 1, (struct wt_span){0}, true));
    assert_true(t.broken);
    assert_int_equal(t.count, 3);
    assert_false(wt_transcript_add(&t, SERVER, HELLO, 1, (struct wt_span){0}, false));
    assert_false(wt_transcript_retry(&t, wt_span_text("dig")));
    wt_transcript_clear(&t);
    assert_false(t.broken);
    free(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_holds_nothing),
        cmocka_unit_test(messages_have_their_headers),
        cmocka_unit_test(old_hellos_come_without_header),
        cmocka_unit_test(flights_stand_in_order),
        cmocka_unit_test(every_interleaving_is_the_same),
        cmocka_unit_test(retries_replace_the_first_hello),
        cmocka_unit_test(retries_may_come_late),
        cmocka_unit_test(grows),
        cmocka_unit_test(breaks_at_its_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
