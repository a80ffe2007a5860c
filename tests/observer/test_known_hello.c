/* ClientHellos that came before: what is reported of one that is known is what is reported where none is, whatever
 * differs between the two. */
#include "observer/message/known_hello.h"
#include "observer/message/message.h"
#include "wiretale/capture.h"

#include "streams.h"

#include <dirent.h>

static const char *captures_folder;

/* --- two observers, one of which knows no hello ------------------------------------------------------------------ */

struct pair {
    struct heard with, without;
};

static void begin(struct pair *p, bool messages)
{
    const struct wt_observer_options options = {.keep_messages = messages};
    hear_with(&p->with, options, "file");
    hear_with(&p->without, options, "file");
    wt_known_hellos_free(p->without.observer->known_hellos);
    p->without.observer->known_hellos = NULL;
}

static void end(struct pair *p)
{
    stop(&p->with);
    stop(&p->without);
}

static void hear_both(struct pair *p, const struct dialogue *d)
{
    tell_stream(&p->with, d, 0, FIN);
    tell_stream(&p->without, d, 0, FIN);
    assert_int_equal(p->with.told, p->without.told);
    assert_string_equal((const char *)p->with.json.p, (const char *)p->without.json.p);
    p->with.all.n = p->without.all.n = 0;
}

/* A ClientHello, and a server that chooses from it, in TLS 1.2 or 1.3. */
static void say_hello(struct pair *p, struct wt_span body, bool tls13)
{
    struct dialogue d = {0};
    add_handshake(say(&d, WT_CLIENT), WT_HANDSHAKE_CLIENT_HELLO, body.p, body.n);
    struct flight *f = say(&d, WT_SERVER);
    server_hello(f, (struct hello){.tls13 = tls13, .psk = tls13, .ticket_extension = !tls13, .session = 7});
    if (tls13)
        hidden(f, WT_CONTENT_APPLICATION_DATA, 900);
    else
        alert(f, 2, WT_ALERT_HANDSHAKE_FAILURE);
    hear_both(p, &d);
    forget(&d);
}

/* --- hellos ------------------------------------------------------------------------------------------------------ */

enum { HELLOS = 24 };

static struct wt_span hellos[HELLOS];
static size_t hello_count;

/* One of each length. */
static void collect(void *context, const struct wt_connection *c)
{
    (void)context;
    for (size_t i = 0; i < c->message_count; i++) {
        const struct wt_message *m = &c->messages[i];
        size_t k = 0;
        if (m->content_type != WT_CONTENT_HANDSHAKE || m->type != WT_HANDSHAKE_CLIENT_HELLO || m->body.n > 800)
            continue;
        while (k < hello_count && hellos[k].n != m->body.n)
            k++;
        if (k < hello_count || hello_count == HELLOS)
            continue;
        uint8_t *copy = malloc(m->body.n);
        memcpy(copy, m->body.p, m->body.n);
        hellos[hello_count++] = wt_span_of(copy, m->body.n);
    }
}

static void collect_from(const char *path)
{
    const struct wt_observer_options options = {.size = sizeof options, .connection = collect, .keep_messages = true};
    struct wt_observer *o = wt_observer_new(&options, NULL);
    struct wt_capture *capture = wt_capture_open(path, NULL);
    struct wt_packet packet;
    assert_non_null(o);
    assert_non_null(capture);
    wt_observer_file(o, path);
    while (wt_capture_next(capture, &packet))
        wt_observer_packet(o, &packet);
    wt_observer_finish(o);
    wt_capture_close(capture);
    wt_observer_free(o);
}

static int collect_all(void **state)
{
    static const char *const of[] = {"article.pcapng",          "versions-mixed.pcapng", "resumption-tls13.pcap",
                                     "resumption-tls12.pcapng", "early-data.pcapng",     "hello-retry.pcapng",
                                     "renegotiation.pcapng",    "kx-openssl.pcap"};
    (void)state;
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        char path[1024];
        (void)snprintf(path, sizeof path, "%s/%s", captures_folder, of[i]);
        collect_from(path);
    }
    assert_in_range(hello_count, 8, HELLOS);
    return 0;
}

static int let_go(void **state)
{
    (void)state;
    for (size_t i = 0; i < hello_count; i++)
        free((void *)(uintptr_t)hellos[i].p);
    return 0;
}

/* --- tests ------------------------------------------------------------------------------------------------------- */

/* Each byte of each hello is changed once, after the hello itself has become known; with a sanitizer each fifth, for
 * the code that reads them is the same. */
static void each_byte(bool messages)
{
    const size_t step = WT_SANITIZED ? 5 : 1;
    for (size_t i = 0; i < hello_count; i++) {
        struct pair p;
        uint8_t changed[800];
        begin(&p, messages);
        for (size_t at = 0; at < hellos[i].n; at += step) {
            if (at / step % 16 == 0)
                for (unsigned k = 0; k < 3; k++)
                    say_hello(&p, hellos[i], k & 1);
            memcpy(changed, hellos[i].p, hellos[i].n);
            changed[at] ^= at & 1 ? 0x01 : 0xff;
            say_hello(&p, wt_span_of(changed, hellos[i].n), at & 2);
        }
        end(&p);
    }
}

static void test_each_byte(void **state)
{
    (void)state;
    each_byte(false);
}

static void test_each_byte_messages(void **state)
{
    (void)state;
    each_byte(true);
}

/* RFC 8446, 4.1.2: the hello after a HelloRetryRequest, and one that renegotiates (RFC 5246, 7.4.1.2), stand in another
 * light than the first. */
static void test_second(void **state)
{
    struct pair p;
    (void)state;
    begin(&p, true);
    for (unsigned i = 0; i < 6; i++) {
        struct dialogue d = {0};
        client_hello(say(&d, WT_CLIENT), (struct hello){.tls13 = true});
        if (i & 1) {
            server_hello(say(&d, WT_SERVER), (struct hello){.tls13 = true, .retry = true});
            client_hello(say(&d, WT_CLIENT), (struct hello){.tls13 = true, .second = i & 2});
        } else {
            client_hello(say(&d, WT_CLIENT), (struct hello){.tls13 = true, .random = 5});
        }
        server_hello(say(&d, WT_SERVER), (struct hello){.tls13 = true});
        hear_both(&p, &d);
        forget(&d);
    }
    for (unsigned i = 0; i < 3; i++) {
        struct dialogue d = {0};
        tls12_handshake(&d);
        client_hello(say(&d, WT_CLIENT), (struct hello){.sni = "example.org"});
        hear_both(&p, &d);
        forget(&d);
    }
    end(&p);
}

/* --- which are known --------------------------------------------------------------------------------------------- */

struct asked {
    struct heard h;
    struct wt_tls tls;
    struct wt_tls_handshake handshake;
    struct wt_incoming incoming;
};

static void ask(struct asked *a)
{
    memset(a, 0, sizeof *a);
    hear(&a->h, "file");
    a->tls.handshake = &a->handshake;
    a->incoming = (struct wt_incoming){.o = a->h.observer, .tls = &a->tls};
}

/* Of `n` bytes, by a padding (RFC 7685); `random` is its first byte. */
static struct wt_span sized(struct wt_buffer *room, size_t n, uint8_t random)
{
    static const uint8_t head[] = {3, 3}, tail[] = {0, 0, 2, 0x13, 1, 1, 0};
    uint8_t bytes[4096] = {0};
    struct wt_writer w = wt_writer_start(bytes, sizeof bytes);
    uint8_t seed[32] = {random};
    wt_write_bytes(&w, wt_span_of(head, sizeof head));
    wt_write_bytes(&w, wt_span_of(seed, sizeof seed));
    wt_write_bytes(&w, wt_span_of(tail, sizeof tail));
    wt_write_u16(&w, (uint32_t)(n - w.n - 2));
    wt_write_u16(&w, WT_EXT_PADDING);
    wt_write_u16(&w, (uint32_t)(n - w.n - 2));
    room->n = 0;
    wt_buffer_add(room, bytes, n);
    return wt_buffer_span(room);
}

static bool is_known(struct asked *a, struct wt_span body)
{
    bool known = wt_known_hello_find(&a->incoming, body);
    if (!known)
        wt_known_hello_learn(&a->incoming, body);
    return known;
}

static void test_second_is_learnt(void **state)
{
    struct asked a;
    struct wt_buffer room = {0};
    (void)state;
    ask(&a);
    assert_false(is_known(&a, sized(&room, 100, 1)));
    assert_false(is_known(&a, sized(&room, 100, 2)));
    assert_true(is_known(&a, sized(&room, 100, 3)));
    assert_false(is_known(&a, sized(&room, 101, 3)));
    a.handshake.common.agreed.offered.seen = true;
    assert_false(is_known(&a, sized(&room, 100, 3)));
    wt_buffer_free(&room);
    stop(&a.h);
}

/* WT_LIMIT_KNOWN_HELLO bytes of one. */
static void test_longest(void **state)
{
    struct asked a;
    struct wt_buffer room = {0};
    (void)state;
    ask(&a);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(is_known(&a, sized(&room, WT_LIMIT_KNOWN_HELLO, (uint8_t)i)), i == 2);
        assert_false(is_known(&a, sized(&room, WT_LIMIT_KNOWN_HELLO + 1, (uint8_t)i)));
    }
    wt_buffer_free(&room);
    stop(&a.h);
}

/* The newest WT_LIMIT_KNOWN_HELLOS are known, by their use. */
static void test_most(void **state)
{
    struct asked a;
    struct wt_buffer room = {0};
    (void)state;
    ask(&a);
    for (size_t i = 0; i < WT_LIMIT_KNOWN_HELLOS; i++)
        for (unsigned k = 0; k < 2; k++)
            assert_false(is_known(&a, sized(&room, 100 + i, 1)));
    for (size_t i = 0; i < WT_LIMIT_KNOWN_HELLOS; i++)
        assert_true(is_known(&a, sized(&room, 100 + i, 1)));
    assert_false(is_known(&a, sized(&room, 90, 1)));
    for (size_t i = 1; i < WT_LIMIT_KNOWN_HELLOS; i++)
        assert_true(is_known(&a, sized(&room, 100 + i, 1)));
    assert_false(is_known(&a, sized(&room, 100, 1)));
    wt_buffer_free(&room);
    stop(&a.h);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_byte), cmocka_unit_test(test_each_byte_messages),
        cmocka_unit_test(test_second),    cmocka_unit_test(test_second_is_learnt),
        cmocka_unit_test(test_longest),   cmocka_unit_test(test_most),
    };
    captures_folder = argc > 1 ? argv[1] : ".";
    return cmocka_run_group_tests(tests, collect_all, let_go);
}
