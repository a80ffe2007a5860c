/* Where messages stand: each byte of a message in the datagram that brought it, over fragments in any order; and what
 * is sent again in a record of its own. */
#include "datagrams.h"

#include "registry/registry.h"

static struct world w;
static struct wt_buffer out, room;
static const struct wt_span none;

enum { SENT_MOST = 16 };
static struct wt_buffer sent[SENT_MOST + 1]; /* by frame */

static int begin(void **state)
{
    (void)state;
    world_begin(&w, NULL);
    return 0;
}

static int end(void **state)
{
    (void)state;
    world_end(&w);
    wt_buffer_free(&out);
    wt_buffer_free(&room);
    for (size_t i = 0; i <= SENT_MOST; i++)
        wt_buffer_free(&sent[i]);
    return 0;
}

static void send_kept(unsigned from)
{
    assert_true(w.frame < SENT_MOST);
    assert_true(wt_buffer_add(&sent[w.frame + 1], out.p, out.n));
    send_buffer(&w, from, &out);
}

/* The message's bytes, out of the datagrams that its pieces point to. */
static struct wt_span collected(const struct told *t, size_t message, struct wt_buffer *to)
{
    to->n = 0;
    for (size_t i = 0; i < t->messages[message].piece_count; i++) {
        const struct told_piece *p = &t->messages[message].pieces[i];
        assert_false(p->opened);
        assert_int_equal(p->place.length, p->length);
        assert_true(p->place.offset + p->length <= sent[p->place.frame].n);
        assert_true(wt_buffer_add(to, sent[p->place.frame].p + p->place.offset, p->length));
    }
    return wt_buffer_span(to);
}

/* The 12 bytes of its first fragment's header, and its body. */
static void is_message(struct wt_span found, struct wt_span body)
{
    enum { HEADER = 12 };
    assert_int_equal(found.n, HEADER + body.n);
    if (body.n)
        assert_memory_equal(found.p + HEADER, body.p, body.n);
}

static void fragments_of_any_order(void **state)
{
    static const size_t orders[][4] = {{0, 1, 2, 3}, {3, 2, 1, 0}, {2, 0, 3, 1}, {1, 3, 0, 2}};
    (void)state;
    for (size_t o = 0; o < sizeof orders / sizeof orders[0]; o++) {
        struct wt_buffer content = {0}, found = {0};
        const struct wt_span hello = client_hello(&room, 0x43, "", none);
        const size_t part = hello.n / 4;
        for (size_t i = 0; i < 4; i++) {
            const size_t at = orders[o][i] * part, n = orders[o][i] == 3 ? hello.n - at : part + 4;
            content.n = 0;
            fragment(&content, WT_HANDSHAKE_CLIENT_HELLO, 0, hello, at, n);
            record(&out, WT_CONTENT_HANDSHAKE, WT_DTLS10, 0, i, wt_buffer_span(&content));
            send_kept(WT_CLIENT);
        }
        const struct told *t = world_finish(&w);
        assert_non_null(t);
        assert_int_equal(t->messages[0].piece_count, 4);
        is_message(collected(t, 0, &found), hello);
        assert_memory_equal(found.p, "\1", 1);
        wt_buffer_free(&content);
        wt_buffer_free(&found);
        end(NULL);
        begin(NULL);
    }
}

/* Several messages in a record, records in a datagram; a record of another type is its content. */
static void messages_of_one_record(void **state)
{
    static const uint8_t change = 1;
    struct wt_buffer content = {0}, found = {0}, hello = {0};
    (void)state;
    handshake(&out, 0, WT_HANDSHAKE_CLIENT_HELLO, 0, client_hello(&room, 0x43, "", none));
    send_kept(WT_CLIENT);
    const struct wt_span server = server_hello(&hello, 0xc02b, none);
    fragment(&content, WT_HANDSHAKE_SERVER_HELLO, 0, server, 0, server.n);
    fragment(&content, WT_HANDSHAKE_SERVER_HELLO_DONE, 1, none, 0, 0);
    record(&out, WT_CONTENT_HANDSHAKE, WT_DTLS12, 0, 0, wt_buffer_span(&content));
    record(&out, WT_CONTENT_CHANGE_CIPHER_SPEC, WT_DTLS12, 0, 1, wt_span_of(&change, 1));
    send_kept(WT_SERVER);
    const struct told *t = world_finish(&w);
    assert_string_equal(messages_of(t), ">client_hello 0, <server_hello 0, <server_hello_done 1, <change_cipher_spec");
    is_message(collected(t, 1, &found), server);
    is_message(collected(t, 2, &found), none);
    assert_int_equal(t->messages[2].pieces[0].inside, 12 + server.n);
    assert_int_equal(t->messages[2].pieces[0].record, 1);
    assert_int_equal(collected(t, 3, &found).n, 1);
    assert_int_equal(found.p[0], change);
    assert_int_equal(t->messages[3].pieces[0].record, 2);
    assert_int_equal(t->list[2].number, 2);
    assert_int_equal(t->list[2].offset, 13 + content.n);
    assert_int_equal(t->list[2].sent, 14);
    wt_buffer_free(&content);
    wt_buffer_free(&found);
    wt_buffer_free(&hello);
}

/* RFC 6347, 4.2.4: a flight is sent again with its ChangeCipherSpec and Finished, in records of other numbers. */
static void flights_that_are_sent_again(void **state)
{
    static const uint8_t change = 1, sealed[40] = {0};
    (void)state;
    handshake(&out, 0, WT_HANDSHAKE_CLIENT_HELLO, 0, client_hello(&room, 0x43, "", none));
    send_kept(WT_CLIENT);
    handshake(&out, 0, WT_HANDSHAKE_SERVER_HELLO, 0, server_hello(&room, 0xc02b, none));
    send_kept(WT_SERVER);
    for (uint64_t i = 0; i < 2; i++) {
        record(&out, WT_CONTENT_CHANGE_CIPHER_SPEC, WT_DTLS12, 0, 1 + i, wt_span_of(&change, 1));
        record(&out, WT_CONTENT_HANDSHAKE, WT_DTLS12, 1, i, wt_span_of(sealed, sizeof sealed));
        send_kept(WT_SERVER);
    }
    const struct told *t = world_finish(&w);
    assert_int_equal(t->message_count, 6);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(t->messages[i].flags & WT_MESSAGE_REPEATED ? 1 : 0, i >= 4);
    assert_int_equal(t->dtls.retransmissions, 1);
}

/* A handshake record of another length is no Finished: a renegotiation's. */
static void another_record_is_no_repeat(void **state)
{
    static const uint8_t sealed[120] = {0};
    (void)state;
    handshake(&out, 0, WT_HANDSHAKE_CLIENT_HELLO, 0, client_hello(&room, 0x43, "", none));
    send_kept(WT_CLIENT);
    handshake(&out, 0, WT_HANDSHAKE_SERVER_HELLO, 0, server_hello(&room, 0xc02b, none));
    send_kept(WT_SERVER);
    for (uint64_t i = 0; i < 2; i++) {
        record(&out, WT_CONTENT_HANDSHAKE, WT_DTLS12, 1, i, wt_span_of(sealed, i ? 120 : 40));
        send_kept(WT_CLIENT);
    }
    const struct told *t = world_finish(&w);
    assert_int_equal(t->dtls.retransmissions, 0);
    assert_false(t->messages[3].flags & WT_MESSAGE_REPEATED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(fragments_of_any_order, begin, end),
        cmocka_unit_test_setup_teardown(messages_of_one_record, begin, end),
        cmocka_unit_test_setup_teardown(flights_that_are_sent_again, begin, end),
        cmocka_unit_test_setup_teardown(another_record_is_no_repeat, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
