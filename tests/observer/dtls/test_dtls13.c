/* DTLS 1.3: records under the unified header, their numbers enciphered, epochs of two bits, ACK, KeyUpdate; connection
 * ids and peers that change address with them. */
#include "sealed.h"

static struct world w;
static struct wt_buffer out;
static const struct wt_span none;
static const struct layout plain;

static int begin(void **state)
{
    (void)state;
    suite13(0x1301);
    world_begin(&w, keylog13(0x43));
    return 0;
}

static int end(void **state)
{
    (void)state;
    world_end(&w);
    wt_buffer_free(&out);
    return 0;
}

static void data(unsigned from, uint64_t epoch, uint64_t sequence, const char *text)
{
    seal13(&out, from, epoch, sequence, WT_CONTENT_APPLICATION_DATA, wt_span_text(text), plain);
    send_buffer(&w, from, &out);
}

static void message(unsigned from, uint64_t epoch, uint64_t sequence, uint8_t type, uint16_t message_seq,
                    struct wt_span body)
{
    struct wt_buffer content = {0};
    fragment(&content, type, message_seq, body, 0, body.n);
    seal13(&out, from, epoch, sequence, WT_CONTENT_HANDSHAKE, wt_buffer_span(&content), plain);
    send_buffer(&w, from, &out);
    wt_buffer_free(&content);
}

static void said(unsigned from, const char *text)
{
    assert_int_equal(w.said[from].n, strlen(text));
    assert_memory_equal(w.said[from].p, text, strlen(text));
}

/* RFC 9147, 4: the forms of the header, several records in a datagram; 4.2.3, with each suite that has a mask. */
static void records_of_every_form(void **state)
{
    static const uint16_t suites[] = {0x1301, 0x1302, 0x1303, 0x1304};
    (void)state;
    for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++) {
        end(NULL);
        suite13(suites[i]);
        world_begin(&w, keylog13(0x43));
        hellos13(&w, 0x43, none, none);
        message(WT_SERVER, 2, 0, WT_HANDSHAKE_ENCRYPTED_EXTENSIONS, 1, wt_span_of((const uint8_t *)"\0\0", 2));
        seal13(&out, WT_SERVER, 3, 0, WT_CONTENT_APPLICATION_DATA, wt_span_text("one "), plain);
        seal13(&out, WT_SERVER, 3, 1, WT_CONTENT_APPLICATION_DATA, wt_span_text("two "),
               (struct layout){.one_byte = true});
        seal13(&out, WT_SERVER, 3, 2, WT_CONTENT_APPLICATION_DATA, wt_span_text("three"),
               (struct layout){.no_length = true});
        send_buffer(&w, WT_SERVER, &out);
        const struct told *t = world_finish(&w);
        said(WT_SERVER, "one two three");
        assert_int_equal(t->c.version, WT_DTLS13);
        assert_int_equal(t->messages[2].type, WT_HANDSHAKE_ENCRYPTED_EXTENSIONS);
        assert_int_equal(t->messages[2].epoch, 2);
        assert_int_equal(t->messages[2].message_seq, 1);
        assert_int_equal(t->list[5].epoch, 3);
        assert_int_equal(t->list[5].sequence, 2);
        assert_int_equal(t->list[5].type, WT_CONTENT_APPLICATION_DATA);
        assert_int_equal(t->c.plaintext[WT_SERVER].failed, 0);
    }
}

/* 4.2.2: numbers are restored; late ones, copies. What was changed on its way says nothing. */
static void numbers_are_restored(void **state)
{
    (void)state;
    hellos13(&w, 0x43, none, none);
    data(WT_CLIENT, 3, 0, "a");
    seal13(&out, WT_CLIENT, 3, 300, WT_CONTENT_APPLICATION_DATA, wt_span_text("b"), plain);
    send_buffer(&w, WT_CLIENT, &out);
    for (int i = 0; i < 2; i++) {
        seal13(&out, WT_CLIENT, 3, 299, WT_CONTENT_APPLICATION_DATA, wt_span_text("c"),
               (struct layout){.one_byte = true});
        w.now += 2 * WT_LIMIT_COPY_NS; /* replayed, not captured twice */
        send_buffer(&w, WT_CLIENT, &out);
    }
    seal13(&out, WT_CLIENT, 3, 301, WT_CONTENT_APPLICATION_DATA, wt_span_text("d"), plain);
    out.p[out.n - 1] ^= 1;
    send_buffer(&w, WT_CLIENT, &out);
    const struct told *t = world_finish(&w);
    said(WT_CLIENT, "abc");
    assert_int_equal(t->list[3].sequence, 300);
    assert_int_equal(t->list[4].sequence, 299);
    assert_true(t->list[5].again);
    assert_int_equal(t->dtls.replays, 1);
    assert_false(t->list[6].opened);
    assert_int_equal(t->c.plaintext[WT_CLIENT].failed, 1);
}

/* 8: after each KeyUpdate an epoch more; of late ones the keys are remembered, WT_LIMIT_DTLS_EPOCHS in all, of which
 * the one that may come next is one. */
static void epochs_go_on(void **state)
{
    (void)state;
    hellos13(&w, 0x43, none, none);
    data(WT_CLIENT, 3, 0, "3");
    for (uint64_t epoch = 3; epoch < 3 + 2 * WT_LIMIT_DTLS_EPOCHS; epoch++) {
        message(WT_CLIENT, epoch, 1, WT_HANDSHAKE_KEY_UPDATE, (uint16_t)(epoch - 2),
                wt_span_of((const uint8_t *)"\0", 1));
        data(WT_CLIENT, epoch + 1, 0, "n");
    }
    const uint64_t last = 3 + 2 * WT_LIMIT_DTLS_EPOCHS;
    data(WT_CLIENT, last + 2 - WT_LIMIT_DTLS_EPOCHS, 9, "L");
    data(WT_CLIENT, last + 1 - WT_LIMIT_DTLS_EPOCHS, 9, "x");
    const struct told *t = world_finish(&w);
    said(WT_CLIENT, "3nnnnnnnnL");
    assert_int_equal(t->c.plaintext[WT_CLIENT].opened, 1 + 4 * WT_LIMIT_DTLS_EPOCHS + 1);
}

/* 7: ACKs are records of their own. */
static void acks_are_told(void **state)
{
    (void)state;
    static const uint8_t ack[] = {0, 16, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1};
    hellos13(&w, 0x43, none, none);
    seal13(&out, WT_SERVER, 3, 0, WT_CONTENT_ACK, wt_span_of(ack, sizeof ack), plain);
    send_buffer(&w, WT_SERVER, &out);
    const struct told *t = world_finish(&w);
    assert_int_equal(t->messages[2].content_type, WT_CONTENT_ACK);
    assert_int_equal(t->list[2].length, sizeof ack);
}

/* RFC 9147, 6.1: epoch 3 is that of application data: whoever uses it has sent its Finished, which the capture may
 * lack. The server's alert under its keys may be what it thinks of the client's. */
static void traffic_behind_a_finished_that_is_missing(void **state)
{
    static const uint8_t closes[] = {1, 0}, refuses[] = {2, 42};
    (void)state;
    for (unsigned refused = 0; refused < 2; refused++) {
        end(NULL);
        begin(NULL);
        hellos13(&w, 0x43, none, none);
        message(WT_SERVER, 2, 0, WT_HANDSHAKE_ENCRYPTED_EXTENSIONS, 1, wt_span_of((const uint8_t *)"\0\0", 2));
        data(WT_CLIENT, 3, 0, "a");
        seal13(&out, WT_SERVER, 3, 0, WT_CONTENT_ALERT, refused ? wt_span_of(refuses, 2) : wt_span_of(closes, 2),
               plain);
        send_buffer(&w, WT_SERVER, &out);
        if (!refused) {
            seal13(&out, WT_CLIENT, 3, 1, WT_CONTENT_ALERT, wt_span_of(closes, 2), plain);
            send_buffer(&w, WT_CLIENT, &out);
        }
        assert_int_equal(world_finish(&w)->c.state, refused ? WT_FAILED : WT_ESTABLISHED);
    }
}

/* What overtakes the hellos waits for what leads to its keys. */
static void records_wait_for_their_keys(void **state)
{
    (void)state;
    struct wt_buffer body = {0}, extensions = {0};
    handshake(&out, 0, WT_HANDSHAKE_CLIENT_HELLO, 0,
              client_hello(&body, 0x43, "", extensions13(&extensions, false, none)));
    send_buffer(&w, WT_CLIENT, &out);
    data(WT_SERVER, 3, 0, "early");
    handshake(&out, 0, WT_HANDSHAKE_SERVER_HELLO, 0,
              server_hello(&body, 0x1301, extensions13(&extensions, true, none)));
    send_buffer(&w, WT_SERVER, &out);
    const struct told *t = world_finish(&w);
    wt_buffer_free(&body);
    wt_buffer_free(&extensions);
    said(WT_SERVER, "early");
    assert_int_equal(t->list[1].frame, 2);
    assert_int_equal(t->dtls.records, 3);
}

/* RFC 9147, 4: the first byte alone tells a record of 1.3: those of both sides that overtake all hellos are read once
 * these have come, whatever their own order. */
static void records_before_any_hello(void **state)
{
    (void)state;
    data(WT_CLIENT, 3, 1, "b");
    data(WT_SERVER, 3, 0, "c");
    message(WT_SERVER, 2, 0, WT_HANDSHAKE_ENCRYPTED_EXTENSIONS, 1, wt_span_of((const uint8_t *)"\0\0", 2));
    data(WT_CLIENT, 3, 0, "a");
    hellos13(&w, 0x43, none, none);
    const struct told *t = world_finish(&w);
    assert_int_equal(w.told_count, 1);
    said(WT_CLIENT, "ba");
    said(WT_SERVER, "c");
    assert_int_equal(t->dtls.records, 6);
    assert_int_equal(t->list[0].frame, 1);
    assert_string_equal(messages_of(t), ">client_hello 0, >application_data, >application_data, <server_hello 0, "
                                        "<application_data, <encrypted_extensions 1");
}

/* The legacy_version of a server whose client was not captured is that of DTLS 1.2. */
static void a_server_alone(void **state)
{
    (void)state;
    struct wt_buffer body = {0}, extensions = {0};
    handshake(&out, 0, WT_HANDSHAKE_SERVER_HELLO, 0,
              server_hello(&body, 0x1301, extensions13(&extensions, true, none)));
    send_buffer(&w, WT_SERVER, &out);
    data(WT_SERVER, 2, 0, "flight");
    const struct told *t = world_finish(&w);
    wt_buffer_free(&body);
    wt_buffer_free(&extensions);
    assert_int_equal(t->c.version, WT_DTLS13);
    const int at = finding(t, "malformed-message");
    assert_null(at >= 0 ? strstr(t->text[at], "legacy_version")
                        : NULL); /* that there is no key_share is another matter */
}

/* What nobody's hello explains begins no connection, and what is too short for a record is none. */
static void bytes_before_any_hello(void **state)
{
    static const uint8_t few[] = {0x2f, 0, 0, 0, 2, 1, 2};
    (void)state;
    send_bytes(&w, WT_CLIENT, wt_span_of(few, sizeof few));
    data(WT_SERVER, 3, 0, "nobody's");
    w.client_port = 50000;
    hellos13(&w, 0x43, none, none);
    const struct told *t = world_finish(&w);
    assert_int_equal(w.told_count, 1);
    said(WT_SERVER, "");
    assert_int_equal(t->dtls.records, 2);
}

static const uint8_t client_id[] = {0xc1, 0xc2, 0xc3}, server_id[] = {0x51, 0x52, 0x53, 0x54};

static void data_with_id(unsigned from, uint64_t sequence, const char *text, struct wt_span id)
{
    seal13(&out, from, 3, sequence, WT_CONTENT_APPLICATION_DATA, wt_span_text(text), (struct layout){.cid = id});
    send_buffer(&w, from, &out);
}

/* 9: each side's records have the id that the other has chosen; with it a side may come from another address, once a
 * record from there was authentic. */
static void peers_move_with_their_ids(void **state)
{
    (void)state;
    const struct wt_span of_client = {client_id, sizeof client_id}, of_server = {server_id, sizeof server_id};
    hellos13(&w, 0x43, of_client, of_server);
    data_with_id(WT_CLIENT, 0, "a", of_server);
    data_with_id(WT_SERVER, 0, "b", of_client);
    w.client_port = 50000;
    data_with_id(WT_CLIENT, 1, "c", of_server);
    data_with_id(WT_SERVER, 1, "d", of_client);
    const struct told *t = world_finish(&w);
    assert_int_equal(w.told_count, 1);
    said(WT_CLIENT, "ac");
    said(WT_SERVER, "bd");
    assert_int_equal(t->dtls.moves, 1);
    assert_string_equal(t->client_cid, "c1c2c3");
    assert_string_equal(t->server_cid, "51525354");
}

/* The length of an id is in the hellos: datagrams before them, of several records and from another address, wait. */
static void ids_before_any_hello(void **state)
{
    (void)state;
    const struct wt_span of_client = {client_id, sizeof client_id}, of_server = {server_id, sizeof server_id};
    w.client_port = 50000;
    data_with_id(WT_CLIENT, 2, "c", of_server);
    w.client_port = CLIENT_PORT;
    for (uint64_t i = 0; i < 2; i++)
        seal13(&out, WT_CLIENT, 3, i, WT_CONTENT_APPLICATION_DATA, wt_span_text(i ? "b" : "a"),
               (struct layout){.cid = of_server});
    send_buffer(&w, WT_CLIENT, &out);
    data_with_id(WT_SERVER, 0, "d", of_client);
    hellos13(&w, 0x43, of_client, of_server);
    const struct told *t = world_finish(&w);
    assert_int_equal(w.told_count, 1);
    said(WT_CLIENT, "abc");
    said(WT_SERVER, "d");
    assert_int_equal(t->dtls.moves, 1);
    assert_int_equal(t->dtls.records, 6);
}

/* An id alone convinces nobody: what is not authentic leaves the connection where it is. */
static void others_do_not_move_it(void **state)
{
    (void)state;
    const struct wt_span of_client = {client_id, sizeof client_id}, of_server = {server_id, sizeof server_id};
    hellos13(&w, 0x43, of_client, of_server);
    w.client_port = 50000;
    seal13(&out, WT_CLIENT, 3, 0, WT_CONTENT_APPLICATION_DATA, wt_span_text("evil"), (struct layout){.cid = of_server});
    out.p[out.n - 1] ^= 1;
    send_buffer(&w, WT_CLIENT, &out);
    const struct told *t = world_finish(&w);
    assert_int_equal(t->dtls.moves, 0);
    said(WT_CLIENT, "");
}

/* 9: NewConnectionId gives more, of which WT_LIMIT_DTLS_CIDS are known. */
static void more_ids(void **state)
{
    (void)state;
    for (unsigned more = WT_LIMIT_DTLS_CIDS - 1; more <= WT_LIMIT_DTLS_CIDS; more++) {
        end(NULL);
        world_begin(&w, keylog13(0x43));
        struct wt_buffer body = {0};
        const struct wt_span of_client = {client_id, sizeof client_id}, of_server = {server_id, sizeof server_id};
        uint8_t id[5] = {4, 0, 0xee, 0xee, 0xee};
        hellos13(&w, 0x43, of_client, of_server);
        const uint8_t length[2] = {0, (uint8_t)(more * sizeof id)};
        assert_true(wt_buffer_add(&body, length, 2));
        for (unsigned i = 0; i < more; i++) {
            id[1] = (uint8_t)(0x60 + i);
            assert_true(wt_buffer_add(&body, id, sizeof id));
        }
        assert_true(wt_buffer_add(&body, "\0", 1));
        struct wt_buffer content = {0};
        fragment(&content, WT_HANDSHAKE_NEW_CONNECTION_ID, 1, wt_buffer_span(&body), 0, body.n);
        seal13(&out, WT_SERVER, 3, 0, WT_CONTENT_HANDSHAKE, wt_buffer_span(&content),
               (struct layout){.cid = of_client});
        send_buffer(&w, WT_SERVER, &out);
        w.client_port = 50000;
        data_with_id(WT_CLIENT, 0, "new", wt_span_of(id + 1, 4));
        const struct told *t = world_finish(&w);
        assert_int_equal(t->dtls.moves, more < WT_LIMIT_DTLS_CIDS);
        said(WT_CLIENT, more < WT_LIMIT_DTLS_CIDS ? "new" : "");
        wt_buffer_free(&body);
        wt_buffer_free(&content);
    }
}

/* Without keys the epochs alone tell that both have finished (6.1). */
static void epochs_show_the_end_of_the_handshake(void **state)
{
    (void)state;
    end(NULL);
    world_begin(&w, NULL);
    hellos13(&w, 0x43, none, none);
    data(WT_SERVER, 2, 0, "flight");
    data(WT_CLIENT, 2, 0, "Finished");
    data(WT_CLIENT, 3, 0, "data");
    data(WT_SERVER, 3, 0, "data");
    const struct told *t = world_finish(&w);
    assert_int_equal(t->c.state, WT_ESTABLISHED);
    assert_int_equal(t->c.application_data[WT_CLIENT].records, 1);
    assert_false(t->list[2].numbered);
    assert_int_equal(t->list[2].type, 0);
}

/* Names for what is inside, as long as WT_LIMIT_DTLS_LOOKS records were no other. */
static void what_is_inside_has_a_name(void **state)
{
    static const uint8_t coap[] = {0x44, 0x01, 0x12, 0x34, 1, 2, 3, 4, 0xb4, 't', 'e', 's', 't'};
    static const uint8_t vpn[] = {0, 0x45, 0, 0, 20, 0, 0, 0, 0, 64, 1, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2};
    static const struct {
        struct wt_span text;
        const char *name;
    } rows[] = {{{coap, sizeof coap}, "CoAP"}, {{vpn, sizeof vpn}, "AnyConnect"}, {{vpn + 1, sizeof vpn - 1}, "IP"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (unsigned before = WT_LIMIT_DTLS_LOOKS - 1; before <= WT_LIMIT_DTLS_LOOKS; before++) {
            end(NULL);
            world_begin(&w, keylog13(0x43));
            hellos13(&w, 0x43, none, none);
            for (unsigned k = 0; k < before; k++)
                data(WT_CLIENT, 3, k, "?");
            seal13(&out, WT_CLIENT, 3, before, WT_CONTENT_APPLICATION_DATA, rows[i].text, plain);
            send_buffer(&w, WT_CLIENT, &out);
            const struct told *t = world_finish(&w);
            assert_string_equal(t->inside, before < WT_LIMIT_DTLS_LOOKS ? rows[i].name : "");
        }
}

/* A library reads the counter of ChaCha20's masks the other way round than RFC 8439, 2.3: read all the same, and said.
 */
static void masks_of_another_order(void **state)
{
    (void)state;
    end(NULL);
    suite13(0x1303);
    world_begin(&w, keylog13(0x43));
    hellos13(&w, 0x43, none, none);
    for (uint64_t i = 0; i < 2; i++) {
        seal13(&out, WT_SERVER, 3, i, WT_CONTENT_APPLICATION_DATA, wt_span_text("data"),
               (struct layout){.swapped = true});
        send_buffer(&w, WT_SERVER, &out);
        data(WT_CLIENT, 3, i, "data");
    }
    const struct told *t = world_finish(&w);
    said(WT_SERVER, "datadata");
    said(WT_CLIENT, "datadata");
    const int at = finding(t, "dtls-number-mask");
    assert_true(at >= 0);
    assert_non_null(strstr(t->text[at], "The server masks"));
    assert_int_equal(t->finding_frame[at], 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(records_of_every_form, begin, end),
        cmocka_unit_test_setup_teardown(numbers_are_restored, begin, end),
        cmocka_unit_test_setup_teardown(epochs_go_on, begin, end),
        cmocka_unit_test_setup_teardown(acks_are_told, begin, end),
        cmocka_unit_test_setup_teardown(traffic_behind_a_finished_that_is_missing, begin, end),
        cmocka_unit_test_setup_teardown(records_wait_for_their_keys, begin, end),
        cmocka_unit_test_setup_teardown(records_before_any_hello, begin, end),
        cmocka_unit_test_setup_teardown(bytes_before_any_hello, begin, end),
        cmocka_unit_test_setup_teardown(a_server_alone, begin, end),
        cmocka_unit_test_setup_teardown(ids_before_any_hello, begin, end),
        cmocka_unit_test_setup_teardown(peers_move_with_their_ids, begin, end),
        cmocka_unit_test_setup_teardown(others_do_not_move_it, begin, end),
        cmocka_unit_test_setup_teardown(more_ids, begin, end),
        cmocka_unit_test_setup_teardown(epochs_show_the_end_of_the_handshake, begin, end),
        cmocka_unit_test_setup_teardown(what_is_inside_has_a_name, begin, end),
        cmocka_unit_test_setup_teardown(masks_of_another_order, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
