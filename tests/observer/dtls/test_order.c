/* Messages in an order that the protocol forbids, by their message_seq, are reported as of TLS over TCP (RFC
 * 6347, 4.2.2); what only came in another order, or is missing, is nobody's breach. */
#include "datagrams.h"

#include "registry/registry.h"

static struct world w;
static struct wt_buffer out, room;
static const struct wt_span none;

static int end(void **state)
{
    (void)state;
    wt_buffer_free(&out);
    wt_buffer_free(&room);
    return 0;
}

/* A message each: capitals are the client's; x ChangeCipherSpec, f a record that nobody opens. */
static struct wt_span body_of(char what, uint8_t *type)
{
    static const uint8_t key_exchange[33] = {32};
    static uint8_t server_keys[4 + 32 + 8] = {3, 0, 0x1d, 32};
    memcpy(server_keys + 36, "\4\3\0\4sign", 8);
    switch (what) {
    case 'H':
        *type = WT_HANDSHAKE_CLIENT_HELLO;
        return client_hello(&room, 0x43, "", none);
    case 'h':
        *type = WT_HANDSHAKE_SERVER_HELLO;
        return server_hello(&room, 0xc02b, none);
    case 'c':
        *type = WT_HANDSHAKE_CERTIFICATE;
        return wt_span_of((const uint8_t *)"\0\0\7\0\0\4\60\2\5\0", 10);
    case 's':
        *type = WT_HANDSHAKE_SERVER_KEY_EXCHANGE;
        return wt_span_of(server_keys, sizeof server_keys);
    case 'd':
        *type = WT_HANDSHAKE_SERVER_HELLO_DONE;
        return none;
    default:
        assert_int_equal(what, 'K');
        *type = WT_HANDSHAKE_CLIENT_KEY_EXCHANGE;
        return wt_span_of(key_exchange, sizeof key_exchange);
    }
}

struct side {
    uint16_t message_seq;
    uint64_t sequence;
};

static void say_one(char what, struct side *side, struct wt_buffer *to)
{
    static const uint8_t sealed[40] = {0}, change = 1;
    uint8_t type;
    if (what == 'x' || what == 'X') {
        record(to, WT_CONTENT_CHANGE_CIPHER_SPEC, WT_DTLS12, 0, side->sequence++, wt_span_of(&change, 1));
    } else if (what == 'f' || what == 'F') {
        record(to, WT_CONTENT_HANDSHAKE, WT_DTLS12, 1, 0, wt_span_of(sealed, sizeof sealed));
    } else {
        const struct wt_span body = body_of(what, &type);
        handshake(to, side->sequence++, type, side->message_seq++, body);
    }
}

enum { SAID_MOST = 24 };

/* One datagram for each, in the order of their letters in `arrival`, which are counted from a. */
static const char *findings_of(const char *script, const char *arrival)
{
    static char ids[400];
    struct wt_buffer said[SAID_MOST] = {{0}};
    struct side sides[2] = {{0, 0}, {0, 0}};
    const size_t n = strlen(script);
    assert_true(n <= SAID_MOST);
    for (size_t i = 0; i < n; i++)
        say_one(script[i], &sides[script[i] >= 'a'], &said[i]);
    world_begin(&w, NULL);
    for (size_t i = 0; i < strlen(arrival); i++) {
        const size_t which = (size_t)(arrival[i] - 'a');
        send_bytes(&w, script[which] >= 'a' ? WT_SERVER : WT_CLIENT, wt_buffer_span(&said[which]));
    }
    const struct told *t = world_finish(&w);
    assert_non_null(t);
    ids[0] = 0;
    for (size_t i = 0; i < t->finding_count; i++)
        if (strstr("unexpected-message handshake-step-skipped", t->findings[i]))
            (void)snprintf(ids + strlen(ids), sizeof ids - strlen(ids), "%s ", t->findings[i]);
    world_end(&w);
    for (size_t i = 0; i < n; i++)
        wt_buffer_free(&said[i]);
    return ids;
}

#define SKIPPED "handshake-step-skipped "
#define UNEXPECTED "unexpected-message "

/* RFC 5246, 7.4: "sending handshake messages in an unexpected order results in a fatal error". */
static void breaches(void **state)
{
    static const struct {
        const char *script, *arrival, *findings;
    } rows[] = {
        {"HhcsdKXFxf", "abcdefghij", ""},           {"HhsdKXFxf", "abcdefghi", SKIPPED}, /* no certificate */
        {"HhsdKXFxf", "adcbefghi", SKIPPED}, /* the same, whatever came first */
        {"HhcdKXFxf", "abcdefghi", SKIPPED}, /* no server_key_exchange */
        {"HhcsdsKXFxf", "abcdefghijk", UNEXPECTED}, {"HhcsdKKXFxf", "abcdefghijk", UNEXPECTED},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *found = findings_of(rows[i].script, rows[i].arrival);
        if (strcmp(found, rows[i].findings) != 0)
            fail_msg("%s as %s: %s", rows[i].script, rows[i].arrival, found);
    }
}

/* What the numbers do not show is not said: datagrams that overtake others, that are missing, that come late; a
 * ChangeCipherSpec has no number. */
static void near_misses(void **state)
{
    static const char script[] = "HhcsdKXFxf";
    static const char *const arrivals[] = {
        "aedcbfghij", /* the server's flight backwards */
        "bcdeafghij", /* the hello last */
        "abcdeghfij", /* ChangeCipherSpec and Finished before ClientKeyExchange */
        "abcdeighjf", /* and the server's before that */
        "abcefghij",  /* server_key_exchange is missing */
        "abcdeghij",  /* client_key_exchange is missing */
        "abdefghij",  /* certificate is missing */
        "cdefghij",   /* both hellos are */
        "abcdefhij",  /* a ChangeCipherSpec is */
        "abcdefgghhiijj", "abceefghijd",
    };
    (void)state;
    for (size_t i = 0; i < sizeof arrivals / sizeof arrivals[0]; i++) {
        const char *found = findings_of(script, arrivals[i]);
        if (*found)
            fail_msg("%s: %s", arrivals[i], found);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(breaches), cmocka_unit_test(near_misses)};
    return cmocka_run_group_tests(tests, NULL, end);
}
