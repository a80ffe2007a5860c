/* DTLS 1.2 with a key log: records under the keys of their epoch, whatever their order, with connection ids (RFC 9146);
 * what is not encrypted. Whole handshakes between real peers are in tests/datagrams. */
#include "sealed.h"

static struct world w;
static struct wt_buffer out;
static const struct wt_span none;
static uint16_t suite_id;

static void seal(unsigned from, uint8_t type, uint16_t epoch, uint64_t sequence, struct wt_span text,
                 struct wt_span cid)
{
    seal12(&out, suite_id, from, type, epoch, sequence, text, cid);
}

static void begin(uint16_t suite, struct wt_span client_cid, struct wt_span server_cid, bool keys)
{
    struct wt_buffer body = {0};
    uint8_t extension[2][64];
    struct wt_span extensions[2] = {none, none};
    const struct wt_span ids[2] = {client_cid, server_cid};
    for (unsigned i = 0; i < 2 && client_cid.p; i++) {
        const uint8_t head[5] = {0, 54, 0, (uint8_t)(ids[i].n + 1), (uint8_t)ids[i].n};
        memcpy(extension[i], head, sizeof head);
        memcpy(extension[i] + sizeof head, ids[i].p, ids[i].n);
        extensions[i] = wt_span_of(extension[i], sizeof head + ids[i].n);
    }
    suite_id = suite;
    world_begin(&w, keys ? keylog12() : NULL);
    handshake(&out, 0, WT_HANDSHAKE_CLIENT_HELLO, 0, client_hello(&body, 0x43, "", extensions[0]));
    send_buffer(&w, WT_CLIENT, &out);
    handshake(&out, 0, WT_HANDSHAKE_SERVER_HELLO, 0, server_hello(&body, suite, extensions[1]));
    send_buffer(&w, WT_SERVER, &out);
    wt_buffer_free(&body);
}

static void end(void)
{
    world_end(&w);
    wt_buffer_free(&out);
}

static void said(unsigned from, const char *text)
{
    assert_int_equal(w.said[from].n, strlen(text));
    assert_memory_equal(w.said[from].p, text, strlen(text));
}

/* RFC 6347, 4.1.2.1: each record has its epoch and number with it: any order, each once, those that fail none. */
static void records_of_any_order(void **state)
{
    static const uint16_t suites[] = {0xc02b, 0xc0ae, 0xcca9, 0xc009, 0xc023, 0x003b};
    static const uint64_t order[] = {3, 0, 2, 2, 1};
    (void)state;
    for (size_t s = 0; s < sizeof suites / sizeof suites[0]; s++) {
        begin(suites[s], none, none, true);
        for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
            const char text[2] = {(char)('a' + order[i]), 0};
            seal(WT_CLIENT, WT_CONTENT_APPLICATION_DATA, 1, order[i], wt_span_text(text), none);
            w.now += 2 * WT_LIMIT_COPY_NS; /* replayed, not captured twice */
            send_buffer(&w, WT_CLIENT, &out);
        }
        seal(WT_CLIENT, WT_CONTENT_APPLICATION_DATA, 1, 9, wt_span_text("never"), none);
        out.p[out.n - 1] ^= 1;
        send_buffer(&w, WT_CLIENT, &out);
        const struct told *t = world_finish(&w);
        said(WT_CLIENT, "dacb");
        assert_int_equal(t->dtls.replays, 1);
        assert_int_equal(t->c.plaintext[WT_CLIENT].failed, 1);
        assert_int_equal(t->list[2].epoch, 1);
        assert_int_equal(t->list[2].sequence, 3);
        end();
    }
}

/* RFC 9146, 4 and 5: the id is in the header and in what is authenticated, the type is inside; 6: a peer may move. */
static void connection_ids(void **state)
{
    static const uint16_t suites[] = {0xc02b, 0xcca9, 0xc023};
    static const uint8_t client_id[] = {0xc1}, server_id[] = {0x51, 0x52, 0x53};
    const struct wt_span of_client = {client_id, sizeof client_id}, of_server = {server_id, sizeof server_id};
    (void)state;
    for (size_t s = 0; s < sizeof suites / sizeof suites[0]; s++) {
        begin(suites[s], of_client, of_server, true);
        seal(WT_CLIENT, WT_CONTENT_APPLICATION_DATA, 1, 0, wt_span_text("a"), of_server);
        send_buffer(&w, WT_CLIENT, &out);
        seal(WT_SERVER, WT_CONTENT_APPLICATION_DATA, 1, 0, wt_span_text("b"), of_client);
        send_buffer(&w, WT_SERVER, &out);
        w.client_port = 50000;
        seal(WT_CLIENT, WT_CONTENT_APPLICATION_DATA, 1, 1, wt_span_text("c"), of_server);
        send_buffer(&w, WT_CLIENT, &out);
        const struct told *t = world_finish(&w);
        assert_int_equal(w.told_count, 1);
        said(WT_CLIENT, "ac");
        said(WT_SERVER, "b");
        assert_int_equal(t->dtls.moves, 1);
        assert_string_equal(t->server_cid, "515253");
        assert_int_equal(t->list[2].type, WT_CONTENT_APPLICATION_DATA);
        assert_int_equal(t->list[2].length, 1);
        end();
    }
}

/* RFC 9146, 3: an empty id: its sender wants none, and the other one's records have it. */
static void one_side_has_an_id(void **state)
{
    static const uint8_t server_id[] = {0x51, 0x52, 0x53, 0x54};
    (void)state;
    begin(0xc02b, wt_span_of(server_id, 0), wt_span_of(server_id, sizeof server_id), true);
    seal(WT_CLIENT, WT_CONTENT_APPLICATION_DATA, 1, 0, wt_span_text("a"), wt_span_of(server_id, sizeof server_id));
    send_buffer(&w, WT_CLIENT, &out);
    seal(WT_SERVER, WT_CONTENT_APPLICATION_DATA, 1, 0, wt_span_text("b"), none);
    send_buffer(&w, WT_SERVER, &out);
    const struct told *t = world_finish(&w);
    said(WT_CLIENT, "a");
    said(WT_SERVER, "b");
    assert_true(t->dtls.has_client_cid);
    assert_string_equal(t->client_cid, "");
    end();
}

/* A suite that encrypts nothing is read without keys, but for the MAC. */
static void what_is_not_encrypted(void **state)
{
    (void)state;
    begin(0x003b, none, none, false);
    seal(WT_CLIENT, WT_CONTENT_ALERT, 1, 0, wt_span_of((const uint8_t *)"\1\0", 2), none);
    send_buffer(&w, WT_CLIENT, &out);
    const struct told *t = world_finish(&w);
    assert_int_equal(t->c.alert_count, 1);
    assert_int_equal(t->list[2].length, 2);
    assert_true(t->list[2].opened);
    end();
}

/* RFC 9147, 4: the unified header is DTLS 1.3's. Under keys of 1.2 such a record opens nothing, though its bits name
 * their epoch, and takes nothing from them. */
static void header_of_the_next_version(void **state)
{
    static const uint8_t unified[5 + 32] = {0x2d, 0, 1, 0, 32}; /* bits of the epoch: 1; number and length are there */
    (void)state;
    begin(0xc02b, none, none, true);
    seal(WT_CLIENT, WT_CONTENT_APPLICATION_DATA, 1, 0, wt_span_text("a"), none);
    send_buffer(&w, WT_CLIENT, &out);
    send_bytes(&w, WT_CLIENT, wt_span_of(unified, sizeof unified));
    seal(WT_CLIENT, WT_CONTENT_APPLICATION_DATA, 1, 1, wt_span_text("b"), none);
    send_buffer(&w, WT_CLIENT, &out);
    const struct told *t = world_finish(&w);
    said(WT_CLIENT, "ab");
    assert_int_equal(t->c.plaintext[WT_CLIENT].failed, 0);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_of_any_order),       cmocka_unit_test(connection_ids),
        cmocka_unit_test(one_side_has_an_id),         cmocka_unit_test(what_is_not_encrypted),
        cmocka_unit_test(header_of_the_next_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
