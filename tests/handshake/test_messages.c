/* Messages of a handshake: order of flights against order of arrival, what each decodes to, the running hash, retries,
 * limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "handshake/messages.h"
#include "registry/limits.h"
#include "wiretale/story.h"

enum { HASH = WT_HANDSHAKE_MESSAGE_HASH };

static const struct wt_codec_context none;
static struct wt_crypto *crypto;

static bool add(struct wt_messages *m, unsigned side, uint8_t type, enum wt_place place, const char *body)
{
    return wt_messages_add(m, wt_messages_read(NULL, &none, type, wt_span_text(body), false, NULL), side, place);
}

/* All before `index` is these bytes: as they are, and as they are hashed, at once or going on. */
static void expect(struct wt_messages *m, size_t index, const char *bytes, size_t n)
{
    static const enum wt_hash_id hashes[] = {WT_HASH_SHA256, WT_HASH_NONE};
    uint8_t want[WT_DIGEST_MOST], got[WT_DIGEST_MOST];
    struct wt_buffer all = {0};
    assert_true(wt_messages_join(m, index, &all));
    assert_int_equal(all.n, n);
    if (n)
        assert_memory_equal(all.p, bytes, n);
    wt_buffer_free(&all);
    for (size_t i = 0; i < 2; i++) {
        size_t length = wt_digest(crypto, i ? WT_HASH_MD5 : WT_HASH_SHA256, wt_span_of(bytes, n), want);
        length += i ? wt_digest(crypto, WT_HASH_SHA1, wt_span_of(bytes, n), want + length) : 0;
        assert_int_equal(wt_messages_hash(m, crypto, hashes[i], index, got), length);
        assert_memory_equal(got, want, length);
    }
}
#define EXPECT(t, index, bytes) expect(t, index, bytes, sizeof(bytes) - 1)

static void empty_holds_nothing(void **state)
{
    struct wt_messages t = {0};
    (void)state;
    EXPECT(&t, 0, "");
    EXPECT(&t, SIZE_MAX, "");
    assert_true(wt_messages_find(&t, WT_CLIENT, WT_HANDSHAKE_CLIENT_HELLO) == SIZE_MAX);
    assert_false(wt_messages_retry(&t, crypto, WT_HASH_SHA256)); /* there is no ClientHello to be replaced */
    wt_messages_clear(&t);
}

/* RFC 8446, 4.4.1: "This value is computed by hashing the concatenation of each included handshake message, including
 * the handshake message header carrying the handshake message type and length fields, but not including record layer
 * headers." */
static void messages_have_their_headers(void **state)
{
    struct wt_messages t = {0};
    (void)state;
    assert_true(add(&t, WT_CLIENT, WT_HANDSHAKE_CLIENT_HELLO, 0, "abc"));
    assert_true(add(&t, WT_SERVER, WT_HANDSHAKE_SERVER_HELLO, 1, ""));
    assert_true(add(&t, WT_SERVER, 14, 1, ""));
    EXPECT(&t, 0, "");
    EXPECT(&t, 1, "\1\0\0\3abc");
    EXPECT(&t, 2, "\1\0\0\3abc\2\0\0\0");
    EXPECT(&t, 3, "\1\0\0\3abc\2\0\0\0\16\0\0\0");
    EXPECT(&t, 4, "\1\0\0\3abc\2\0\0\0\16\0\0\0");
    wt_messages_clear(&t);
    assert_int_equal(t.count, 0);
    EXPECT(&t, 1, "");
    wt_messages_clear(&t);
}

/* RFC 6347, 4.2.6: "the Finished MAC MUST be computed as if each handshake message had been sent as a single fragment";
 * RFC 9147, 5.2: the transcript of 1.3 is "without the message_seq, fragment_offset, and fragment_length values". Which
 * of them it is shows with the ServerHello, and bodies stay what they are. */
static void numbered_messages_count_by_their_version(void **state)
{
    struct wt_messages t = {0};
    (void)state;
    assert_true(wt_messages_add(
        &t, wt_messages_read_numbered(NULL, &none, WT_HANDSHAKE_CLIENT_HELLO, wt_span_text("abc"), 0x102, NULL),
        WT_CLIENT, 0));
    assert_true(
        wt_messages_add(&t, wt_messages_read_numbered(NULL, &none, 14, wt_span_text(""), 3, NULL), WT_SERVER, 1));
    EXPECT(&t, 2, "\1\0\0\3abc\16\0\0\0");
    wt_messages_count_as(&t, WT_COUNTED_DTLS);
    EXPECT(&t, 1, "\1\0\0\3\1\2\0\0\0\0\0\3abc");
    EXPECT(&t, 2, "\1\0\0\3\1\2\0\0\0\0\0\3abc\16\0\0\0\0\3\0\0\0\0\0\0");
    assert_true(wt_messages_add(
        &t, wt_messages_read_numbered(NULL, &none, WT_HANDSHAKE_FINISHED, wt_span_text("fin"), 4, NULL), WT_CLIENT, 2));
    EXPECT(&t, 3, "\1\0\0\3\1\2\0\0\0\0\0\3abc\16\0\0\0\0\3\0\0\0\0\0\0\24\0\0\3\0\4\0\0\0\0\0\3fin");
    assert_memory_equal(t.list[2]->bytes.p + 4, "fin", 3);
    wt_messages_count_as(&t, WT_COUNTED_BODY);
    EXPECT(&t, 3, "abcfin");
    wt_messages_clear(&t);
}

/* RFC 5246, E.2: of an SSL 2.0 hello, what follows its record header. */
static void old_hellos_come_without_header(void **state)
{
    struct wt_messages t = {0};
    (void)state;
    assert_true(wt_messages_add(
        &t, wt_messages_read(NULL, &none, WT_HANDSHAKE_CLIENT_HELLO, wt_span_text("\1old"), true, NULL), WT_CLIENT, 0));
    assert_true(add(&t, WT_SERVER, WT_HANDSHAKE_SERVER_HELLO, 1, "x"));
    EXPECT(&t, 2, "\1old\2\0\0\1x");
    wt_messages_clear(&t);
}

/* The client's second flight was seen before the server's first: a stream is read whole before the other. */
static void flights_stand_in_order(void **state)
{
    struct wt_messages t = {0};
    (void)state;
    assert_true(add(&t, WT_CLIENT, WT_HANDSHAKE_CLIENT_HELLO, 0, "a"));
    assert_true(add(&t, WT_CLIENT, 16, 2, "d"));
    assert_true(add(&t, WT_CLIENT, WT_HANDSHAKE_FINISHED, 2, "e"));
    assert_true(add(&t, WT_SERVER, WT_HANDSHAKE_SERVER_HELLO, 1, "b"));
    assert_true(add(&t, WT_SERVER, 14, 1, "c"));
    assert_true(add(&t, WT_SERVER, WT_HANDSHAKE_FINISHED, 3, "f"));
    EXPECT(&t, 3, "\1\0\0\1a\2\0\0\1b\16\0\0\1c");
    EXPECT(&t, 6, "\1\0\0\1a\2\0\0\1b\16\0\0\1c\20\0\0\1d\24\0\0\1e\24\0\0\1f");
    assert_int_equal(wt_messages_find(&t, WT_CLIENT, WT_HANDSHAKE_FINISHED), 4);
    assert_int_equal(wt_messages_find(&t, WT_SERVER, WT_HANDSHAKE_FINISHED), 5);
    assert_true(wt_messages_find(&t, WT_SERVER, WT_HANDSHAKE_CLIENT_HELLO) == SIZE_MAX);
    assert_int_equal(t.list[1]->side, WT_SERVER);
    assert_int_equal(t.list[1]->place, 1);
    wt_messages_clear(&t);
}

/* All orders of arrival that keep each side's own come to the same. */
static void every_interleaving_is_the_same(void **state)
{
    static const struct {
        uint8_t type, place;
    } sides[2][4] = {{{1, 0}, {11, 2}, {16, 2}, {20, 2}}, {{2, 1}, {11, 1}, {14, 1}, {20, 3}}};
    (void)state;
    for (unsigned order = 0; order < 256; order++) {
        struct wt_messages t = {0};
        unsigned next[2] = {0, 0};
        for (unsigned i = 0; i < 8; i++) {
            unsigned side = order >> i & 1;
            if (next[side] == 4)
                side = !side;
            unsigned k = next[side]++;
            assert_true(add(&t, side, sides[side][k].type, sides[side][k].place, side ? "s" : "c"));
        }
        EXPECT(&t, 8, "\1\0\0\1c\2\0\0\1s\13\0\0\1s\16\0\0\1s\13\0\0\1c\20\0\0\1c\24\0\0\1c\24\0\0\1s");
        wt_messages_clear(&t);
    }
}

/* What stands for a ClientHello of these bytes after a retry, and what follows it. */
static size_t after_retry(const char *hello, size_t n, const char *rest, size_t rest_n, char *out)
{
    memcpy(out, "\376\0\0\40", 4);
    assert_int_equal(wt_digest(crypto, WT_HASH_SHA256, wt_span_of(hello, n), (uint8_t *)out + 4), 32);
    memcpy(out + 36, rest, rest_n);
    return 36 + rest_n;
}

/* RFC 8446, 4.4.1: "the value of ClientHello1 is replaced with a special synthetic handshake message of handshake type
 * "message_hash" containing Hash(ClientHello1)". */
static void retries_replace_the_first_hello(void **state)
{
    struct wt_messages t = {0};
    char all[128];
    (void)state;
    assert_true(add(&t, WT_CLIENT, WT_HANDSHAKE_CLIENT_HELLO, 0, "first"));
    assert_true(wt_messages_retry(&t, crypto, WT_HASH_SHA256));
    assert_true(add(&t, WT_SERVER, WT_HANDSHAKE_SERVER_HELLO, 1, "retry"));
    assert_true(wt_messages_find(&t, WT_CLIENT, WT_HANDSHAKE_CLIENT_HELLO) == SIZE_MAX);
    assert_true(add(&t, WT_CLIENT, WT_HANDSHAKE_CLIENT_HELLO, 2, "second"));
    assert_int_equal(wt_messages_find(&t, WT_CLIENT, WT_HANDSHAKE_CLIENT_HELLO), 2);
    expect(&t, 1, all, after_retry("\1\0\0\5first", 9, "", 0, all));
    expect(&t, 3, all, after_retry("\1\0\0\5first", 9, "\2\0\0\5retry\1\0\0\6second", 19, all));
    assert_int_equal(t.list[0]->type, HASH);
    assert_false(wt_messages_retry(&t, crypto, WT_HASH_SHA256)); /* it was replaced */
    wt_messages_clear(&t);
}

/* Both ClientHellos were seen before the HelloRetryRequest. */
static void retries_may_come_late(void **state)
{
    struct wt_messages t = {0};
    char all[128];
    (void)state;
    assert_true(add(&t, WT_CLIENT, WT_HANDSHAKE_CLIENT_HELLO, 0, "1"));
    assert_true(add(&t, WT_CLIENT, WT_HANDSHAKE_CLIENT_HELLO, 2, "2"));
    assert_int_equal(wt_messages_find(&t, WT_CLIENT, WT_HANDSHAKE_CLIENT_HELLO), 1); /* the newest */
    assert_true(add(&t, WT_SERVER, WT_HANDSHAKE_SERVER_HELLO, 1, "r"));
    assert_true(wt_messages_retry(&t, crypto, WT_HASH_SHA256));
    expect(&t, 3, all, after_retry("\1\0\0\0011", 5, "\2\0\0\1r\1\0\0\0012", 10, all));
    wt_messages_clear(&t);
}

/* A Finished is decoded where it is kept, once; a ServerKeyExchange again when its suite became known only later. */
static void bodies_are_decoded_in_their_place(void **state)
{
    static const char dhe[] = "\0\1\7\0\1\5\0\1\6";
    const struct wt_codec_context late = {.version = WT_TLS12, .kx = WT_KX_DH_ANON, .from_server = 1};
    struct wt_messages t = {0};
    (void)state;
    assert_true(add(&t, WT_CLIENT, WT_HANDSHAKE_FINISHED, WT_PLACE_CLIENT, "twelve bytes"));
    const struct wt_message_body *body = wt_messages_body(&t, 0, &none);
    assert_non_null(body);
    assert_ptr_equal(body->finished.verify_data.p, t.parts[0].p + 4);
    assert_ptr_equal(wt_messages_newest(&t, WT_CLIENT, WT_HANDSHAKE_FINISHED)->bytes.p, t.parts[0].p);
    assert_true(wt_messages_add(
        &t,
        wt_messages_read(NULL, &none, WT_HANDSHAKE_SERVER_KEY_EXCHANGE, wt_span_of(dhe, sizeof dhe - 1), false, NULL),
        WT_SERVER, WT_PLACE_SERVER));
    assert_int_equal(t.list[0]->type, WT_HANDSHAKE_SERVER_KEY_EXCHANGE);
    body = wt_messages_body(&t, 0, &late);
    assert_non_null(body);
    assert_int_equal(body->server_key_exchange.dh_ys.n, 1);
    assert_int_equal(body->server_key_exchange.dh_ys.p[0], 6);
    wt_messages_clear(&t);
}

/* Once hashed, bytes may go: the hash goes on without them, and nobody gets an answer that would need them. */
static void bytes_may_go_once_they_are_hashed(void **state)
{
    struct wt_messages t = {0};
    struct wt_buffer all = {0};
    uint8_t hash[WT_DIGEST_MOST], want[WT_DIGEST_MOST];
    (void)state;
    assert_true(add(&t, WT_CLIENT, WT_HANDSHAKE_CLIENT_HELLO, 0, "a"));
    assert_true(add(&t, WT_SERVER, WT_HANDSHAKE_SERVER_HELLO, 0, "b"));
    wt_messages_release(&t); /* nothing is hashed yet */
    EXPECT(&t, 1, "\1\0\0\1a");
    wt_messages_clear(&t);
    assert_true(add(&t, WT_CLIENT, WT_HANDSHAKE_CLIENT_HELLO, 0, "a"));
    assert_int_equal(wt_messages_hash(&t, crypto, WT_HASH_SHA256, 1, hash), 32);
    wt_messages_release(&t);
    assert_int_equal(t.bytes, 0);
    assert_null(wt_messages_body(&t, 0, &none));
    assert_false(wt_messages_join(&t, 1, &all));
    assert_true(add(&t, WT_SERVER, WT_HANDSHAKE_SERVER_HELLO, 0, "b"));
    assert_int_equal(wt_messages_hash(&t, crypto, WT_HASH_SHA256, 2, hash), 32);
    wt_digest(crypto, WT_HASH_SHA256, wt_span_of("\1\0\0\1a\2\0\0\1b", 10), want);
    assert_memory_equal(hash, want, 32);
    assert_int_equal(wt_messages_hash(&t, crypto, WT_HASH_SHA256, 1, hash), 0);
    assert_int_equal(wt_messages_hash(&t, crypto, WT_HASH_SHA384, 2, hash), 0);
    wt_buffer_free(&all);
    wt_messages_clear(&t);
}

/* More entries than there is room for at first, each in front of the last. */
static void grows(void **state)
{
    struct wt_messages t = {0};
    struct wt_buffer scratch = {0};
    (void)state;
    for (unsigned i = 0; i < 200; i++)
        assert_true(add(&t, i & 1, (uint8_t)(200 - i), (uint8_t)(200 - i), ""));
    assert_true(wt_messages_join(&t, t.count, &scratch));
    assert_int_equal(scratch.n, 800);
    for (unsigned i = 0; i < 200; i++)
        assert_int_equal(scratch.p[4 * i], i + 1);
    wt_buffer_free(&scratch);
    wt_messages_clear(&t);
}

/* What does not fit ends the transcript for good: no proof may be judged over half of it. */
static void breaks_at_its_limit(void **state)
{
    struct wt_messages t = {0};
    uint8_t *body = calloc(WT_LIMIT_TRANSCRIPT, 1);
    (void)state;
    assert_non_null(body);
    assert_true(add(&t, WT_CLIENT, WT_HANDSHAKE_CLIENT_HELLO, 0, "hello"));
    size_t held = t.bytes;
    assert_true(wt_messages_add(
        &t, wt_messages_read(NULL, &none, 99, wt_span_of(body, WT_LIMIT_TRANSCRIPT - held - 4 - 4), false, NULL),
        WT_SERVER, 1));
    assert_true(add(&t, WT_SERVER, 14, 1, ""));
    assert_int_equal(t.bytes, WT_LIMIT_TRANSCRIPT);
    assert_false(t.broken);
    assert_false(add(&t, WT_SERVER, 14, 1, ""));
    assert_true(t.broken);
    assert_int_equal(t.count, 3);
    assert_false(add(&t, WT_SERVER, 99, 1, ""));
    assert_false(wt_messages_retry(&t, crypto, WT_HASH_SHA256));
    wt_messages_clear(&t);
    assert_false(t.broken);
    /* one byte over it */
    assert_true(wt_messages_add(
        &t, wt_messages_read(NULL, &none, 99, wt_span_of(body, WT_LIMIT_TRANSCRIPT - 4 - 4 + 1), false, NULL),
        WT_SERVER, 1));
    assert_false(add(&t, WT_SERVER, 14, 1, ""));
    assert_true(t.broken);
    wt_messages_clear(&t);
    free(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_holds_nothing),
        cmocka_unit_test(messages_have_their_headers),
        cmocka_unit_test(numbered_messages_count_by_their_version),
        cmocka_unit_test(old_hellos_come_without_header),
        cmocka_unit_test(flights_stand_in_order),
        cmocka_unit_test(every_interleaving_is_the_same),
        cmocka_unit_test(retries_replace_the_first_hello),
        cmocka_unit_test(retries_may_come_late),
        cmocka_unit_test(bodies_are_decoded_in_their_place),
        cmocka_unit_test(bytes_may_go_once_they_are_hashed),
        cmocka_unit_test(grows),
        cmocka_unit_test(breaks_at_its_limit),
    };
    crypto = wt_crypto_new();
    int failed = crypto ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
    wt_crypto_free(crypto);
    return failed;
}
