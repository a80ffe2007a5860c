/* What a DTLS connection may cost: each limit, and one just below. */
#include "sealed.h"

static struct world w;
static struct wt_buffer out, room;
static const struct wt_span none;

static void begin(const char *keylog)
{
    world_begin(&w, keylog);
    handshake(&out, 0, WT_HANDSHAKE_CLIENT_HELLO, 0, client_hello(&room, 0x43, "", none));
    send_buffer(&w, WT_CLIENT, &out);
}

static void end(void)
{
    world_end(&w);
    wt_buffer_free(&out);
    wt_buffer_free(&room);
}

/* Messages that come before their turn: the last that is kept, and the one after it. */
static void messages_ahead(void **state)
{
    (void)state;
    for (uint16_t more = 0; more < 2; more++) {
        begin(NULL);
        handshake(&out, 1, WT_HANDSHAKE_SERVER_HELLO_DONE, (uint16_t)(WT_LIMIT_DTLS_AHEAD - 1 + more), none);
        send_buffer(&w, WT_SERVER, &out);
        const struct told *t = world_finish(&w);
        assert_int_equal(t->message_count, 2 - more);
        assert_int_equal(w.lost, more);
        end();
    }
}

static void fragments_of(struct wt_span body, uint32_t length)
{
    struct wt_buffer content = {0};
    enum { PART = 16000 };
    for (size_t at = 0; at < length; at += PART) {
        content.n = 0;
        fragment(&content, WT_HANDSHAKE_CERTIFICATE, 0, wt_span_of(body.p, length), at,
                 length - at < PART ? length - at : PART);
        record(&out, WT_CONTENT_HANDSHAKE, WT_DTLS12, 0, at, wt_buffer_span(&content));
        send_buffer(&w, WT_SERVER, &out);
    }
    wt_buffer_free(&content);
}

/* A message may take all the bytes that there are. */
static void bytes_that_wait(void **state)
{
    (void)state;
    uint8_t *body = calloc(1, WT_LIMIT_DTLS_BYTES + 1);
    assert_non_null(body);
    for (uint32_t more = 0; more < 2; more++) {
        begin(NULL);
        fragments_of(wt_span_of(body, WT_LIMIT_DTLS_BYTES + more), WT_LIMIT_DTLS_BYTES + more);
        const struct told *t = world_finish(&w);
        assert_int_equal(t->messages[1].length, WT_LIMIT_DTLS_BYTES + more);
        assert_int_equal(finding(t, "message-too-long") >= 0, more);
        end();
    }
    free(body);
}

/* Every other byte of a message is a fragment that waits. */
static void pieces_of_a_message(void **state)
{
    (void)state;
    uint8_t body[2 * WT_LIMIT_DTLS_PIECES + 4] = {0};
    for (size_t more = 0; more < 2; more++) {
        begin(NULL);
        for (size_t i = 0; i < WT_LIMIT_DTLS_PIECES + more; i++) {
            struct wt_buffer content = {0};
            fragment(&content, WT_HANDSHAKE_CERTIFICATE, 0, wt_span_of(body, sizeof body), 1 + 2 * i, 1);
            record(&out, WT_CONTENT_HANDSHAKE, WT_DTLS12, 0, i, wt_buffer_span(&content));
            send_buffer(&w, WT_SERVER, &out);
            wt_buffer_free(&content);
        }
        (void)world_finish(&w);
        assert_int_equal(w.lost, more);
        end();
    }
}

/* Records that wait for the ServerHello, by their number and by their bytes. */
static void records_that_wait(void **state)
{
    (void)state;
    const uint8_t big[16000] = {0};
    for (unsigned more = 0; more < 2; more++) {
        begin(keylog13(0x43));
        for (unsigned i = 0; i < WT_LIMIT_DTLS_WAITING + more; i++) {
            record(&out, WT_CONTENT_APPLICATION_DATA, WT_DTLS12, 1, i, wt_span_text("sealed"));
            send_buffer(&w, WT_SERVER, &out);
        }
        (void)world_finish(&w);
        assert_int_equal(w.lost, more);
        end();
        begin(keylog13(0x43));
        for (unsigned i = 0; i < 5; i++) {
            const size_t n = i < 4 ? sizeof big : WT_LIMIT_DTLS_WAITING_BYTES - 4 * (13 + sizeof big) - 13 + more;
            record(&out, WT_CONTENT_APPLICATION_DATA, WT_DTLS12, 1, i, wt_span_of(big, n));
            send_buffer(&w, WT_SERVER, &out);
        }
        (void)world_finish(&w);
        assert_int_equal(w.lost, more);
        end();
    }
}

/* Connections that are looked for by their ids: of one too many the oldest. */
static void connections_with_ids(void **state)
{
    (void)state;
    static const uint8_t id[4] = {9, 9, 9, 9};
    for (unsigned more = 0; more < 2; more++) {
        world_begin(&w, NULL);
        for (unsigned i = 0; i < WT_LIMIT_DTLS_MOVING + more; i++) {
            const uint8_t its[4] = {(uint8_t)(i >> 8), (uint8_t)i, 7, 7};
            w.client_port = 10000 + i;
            hellos13(&w, (uint8_t)i, wt_span_of(id, 4), wt_span_of(its, 4));
        }
        const uint8_t first[4] = {0, 0, 7, 7};
        w.client_port = 9000;
        seal13(&out, WT_CLIENT, 3, 0, WT_CONTENT_APPLICATION_DATA, wt_span_text("data"),
               (struct layout){.cid = {first, 4}});
        send_buffer(&w, WT_CLIENT, &out);
        const struct told *t = world_finish(&w);
        assert_int_equal(t->c.client.port, 10000);
        assert_int_equal(t->dtls.moves, !more);
        assert_int_equal(w.lost, more);
        end();
    }
}

/* Datagrams that have overtaken the hellos, of three conversations: the first is read, or has made room. */
static void datagrams_before_hellos(void **state)
{
    (void)state;
    suite13(0x1301);
    for (unsigned more = 0; more < 2; more++) {
        world_begin(&w, keylog13(0x43));
        seal13(&out, WT_SERVER, 3, 0, WT_CONTENT_APPLICATION_DATA, wt_span_text("first"), (struct layout){0});
        send_buffer(&w, WT_SERVER, &out);
        for (unsigned i = 0; i + 1 < WT_LIMIT_DTLS_EARLY + more; i++) {
            w.client_port = 50000 + i % 2;
            seal13(&out, i / 2 % 2, 3, i, WT_CONTENT_APPLICATION_DATA, wt_span_text("other"), (struct layout){0});
            send_buffer(&w, i / 2 % 2, &out);
        }
        w.client_port = CLIENT_PORT;
        hellos13(&w, 0x43, none, none);
        (void)world_finish(&w);
        assert_int_equal(w.said[WT_SERVER].n, more ? 0 : 5);
        assert_int_equal(w.told_count, 1);
        end();
    }
}

/* Records that are told one by one. */
static void records_that_are_told(void **state)
{
    (void)state;
    begin(NULL);
    for (unsigned i = 0; i < WT_LIMIT_DTLS_RECORDS; i++) {
        record(&out, WT_CONTENT_APPLICATION_DATA, WT_DTLS12, 1, i, wt_span_text("sealed"));
        if (i % 512 == 511)
            send_buffer(&w, WT_CLIENT, &out);
    }
    const struct told *t = world_finish(&w);
    assert_int_equal(t->dtls.records, WT_LIMIT_DTLS_RECORDS + 1);
    assert_int_equal(t->dtls.list_count, WT_LIMIT_DTLS_RECORDS);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_ahead),          cmocka_unit_test(bytes_that_wait),
        cmocka_unit_test(pieces_of_a_message),     cmocka_unit_test(records_that_wait),
        cmocka_unit_test(connections_with_ids),    cmocka_unit_test(records_that_are_told),
        cmocka_unit_test(datagrams_before_hellos),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
