/* QUIC connections: found, opened, followed. */
#include "wire.h"

static const struct how plain;
static unsigned openings;

/* Linked in place of the library's (--wrap). */
enum wt_opening __real_wt_quic_open(struct wt_protector *, struct wt_span, uint64_t, struct wt_span, uint8_t *,
                                    struct wt_opened *);
enum wt_opening __wrap_wt_quic_open(struct wt_protector *, struct wt_span, uint64_t, struct wt_span, uint8_t *,
                                    struct wt_opened *);

enum wt_opening __wrap_wt_quic_open(struct wt_protector *p, struct wt_span header, uint64_t number,
                                    struct wt_span payload, uint8_t *out, struct wt_opened *opened)
{
    openings++;
    return __real_wt_quic_open(p, header, number, payload, out, opened);
}

static void a_handshake_is_told(void **state)
{
    (void)state;
    shake_hands();
    say_data(WT_CLIENT, &plain, 0, 100);
    say_data(WT_SERVER, &plain, 0, 1000);
    finish();
    assert_int_equal(told.count, 1);
    assert_int_equal(told.protocol, WT_PROTOCOL_QUIC);
    assert_int_equal(told.state, WT_ESTABLISHED);
    assert_int_equal(told.version, V1);
    assert_string_equal(told.sni, "example.org");
    assert_string_equal(told.alpn, "h3");
    assert_int_equal(told.ja4[0], 'q');
    assert_int_equal(told.opened[WT_CLIENT], 3);
    assert_int_equal(told.opened[WT_SERVER], 3);
    assert_int_equal(told.stream_bytes[WT_CLIENT], 100);
    assert_int_equal(told.stream_bytes[WT_SERVER], 1000);
    assert_int_equal(told.ids.result, WT_PROOF_OK);
    assert_int_equal(told.listed, 6);
    assert_int_equal(told.levels[0], WT_LEVEL_INITIAL);
    assert_int_equal(told.levels[told.messages - 1], WT_LEVEL_HANDSHAKE);
}

/* Without keys: its Initial packets are open to anyone; RFC 9001, 5.7: the client's 1-RTT packets come after its
 * handshake. */
static void without_keys_initials_are_open(void **state)
{
    (void)state;
    shake_hands();
    say_data(WT_CLIENT, &plain, 0, 100);
    finish();
    assert_string_equal(told.sni, "example.org");
    assert_int_equal(told.state, WT_ESTABLISHED);
    assert_int_equal(told.packets[WT_CLIENT], 3);
    assert_int_equal(told.opened[WT_CLIENT], 1);
}

/* RFC 9000, 19.6: CRYPTO frames may come in any order, more than once, and overlap. */
static void pieces_of_a_hello_come_in_any_order(void **state)
{
    (void)state;
    uint8_t hello[1024], frames[2048];
    const struct how how = {.to = first_id, .to_length = first_id_length};
    const size_t n = client_hello(hello, sizeof hello, 0);
    size_t at = put_crypto(frames, sizeof frames, 100, wt_span_of(hello + 100, n - 100));
    frames[at++] = 0x01; /* PING */
    at += put_crypto(frames + at, sizeof frames - at, 40, wt_span_of(hello + 40, 80));
    send_sealed(WT_CLIENT, WT_QUIC_INITIAL, &how, wt_span_of(frames, at));
    send_crypto(WT_CLIENT, WT_QUIC_INITIAL, &how, 0, wt_span_of(hello, 50));
    send_crypto(WT_CLIENT, WT_QUIC_INITIAL, &how, 0, wt_span_of(hello, n));
    finish();
    assert_string_equal(told.sni, "example.org");
    assert_int_equal(told.messages, 1);
}

static void send_retry(uint8_t spoil)
{
    uint8_t retry[128], tag[WT_QUIC_TAG];
    struct wt_writer w = wt_writer_start(retry, sizeof retry);
    wt_write_u8(&w, 0xf0);
    wt_write_u32(&w, version);
    wt_write_opaque(&w, wt_span_of(ends[WT_CLIENT].id, 8), 1, 0, 20, "dcid");
    wt_write_opaque(&w, wt_span_text("retry-id"), 1, 0, 20, "scid");
    wt_write_bytes(&w, wt_span_text("token"));
    assert_true(wt_quic_retry_tag(o->crypto, wt_quic_version_find(version), wt_span_of(first_id, first_id_length),
                                  wt_span_of(retry, w.n), tag));
    tag[3] ^= spoil;
    wt_write_bytes(&w, wt_span_of(tag, sizeof tag));
    send_datagram(WT_SERVER, retry, w.n);
}

/* RFC 9001, 5.2: after a Retry Initial keys are made of the id that it brings; RFC 9000, 7.3. */
static void a_retry_is_followed(void **state)
{
    (void)state;
    struct parameters p = right_parameters();
    uint8_t original[8];
    memcpy(original, first_id, 8);
    say_client_hello((struct wt_span){0}, 0);
    send_retry(0);
    memcpy(first_id, "retry-id", 8);
    p.original = wt_span_of(original, 8);
    p.retry = wt_span_text("retry-id");
    say_client_hello(wt_span_text("token"), 0);
    answer(&p);
    client_finishes();
    finish();
    assert_true(told.retry);
    assert_int_equal(told.retry_tag.result, WT_PROOF_OK);
    assert_int_equal(told.ids.result, WT_PROOF_OK);
    assert_int_equal(told.state, WT_ESTABLISHED);
    assert_int_equal(told.messages, 5); /* the hello once */
}

/* The same of which the capture lacks the first packet, also the first behind a Version Negotiation packet, and the
 * Retry itself: nothing is held against what is not here. */
static void after_an_unseen_hello(bool with_retry, bool negotiated)
{
    struct parameters p = right_parameters();
    uint8_t original[8];
    if (negotiated) {
        version = V2;
        say_client_hello((struct wt_span){0}, 0);
        send_negotiation(V1);
        version = V1;
        memset(first_id, 0xe1, sizeof first_id);
    }
    memcpy(original, first_id, 8);
    if (with_retry)
        send_retry(0);
    memcpy(first_id, "retry-id", 8);
    p.original = wt_span_of(original, 8);
    p.retry = wt_span_text("retry-id");
    say_client_hello(wt_span_text("token"), 0);
    answer(&p);
    client_finishes();
    finish();
    assert_int_equal(told.state, WT_ESTABLISHED);
    assert_null(strstr(told.findings, "quic-connection-id-mismatch"));
    assert_null(strstr(told.findings, "quic-retry-bad-tag"));
    assert_null(strstr(told.findings, "quic-hello-changed-after-retry"));
}

static void a_retry_whose_cause_is_not_here(void **state)
{
    (void)state;
    after_an_unseen_hello(true, false);
}

static void a_retry_whose_cause_is_not_here_either(void **state)
{
    (void)state;
    after_an_unseen_hello(true, true);
}

static void what_follows_a_retry_that_is_not_here(void **state)
{
    (void)state;
    after_an_unseen_hello(false, false);
}

/* Two taps were merged late: what answers the client's first packet stands before it. */
static void answered_before_its_hello(void)
{
    uint8_t hello[1024], flight[1024], client[1024];
    const struct parameters p = right_parameters();
    const struct how how = {.to = first_id, .to_length = first_id_length};
    const size_t n = client_hello(client, sizeof client, 0), m = server_hello(hello, sizeof hello),
                 k = server_flight(flight, sizeof flight, &p);
    send_crypto(WT_SERVER, WT_QUIC_INITIAL, &plain, 0, wt_span_of(hello, m));
    send_crypto(WT_SERVER, WT_QUIC_HANDSHAKE, &plain, 0, wt_span_of(flight, k));
    send_crypto(WT_CLIENT, WT_QUIC_INITIAL, &how, 0, wt_span_of(client, n));
    client_finishes();
    finish();
    assert_int_equal(told.count, 1);
    assert_int_equal(told.state, WT_ESTABLISHED);
    assert_int_equal(told.opened[WT_SERVER], 2);
    assert_int_equal(told.opened[WT_CLIENT], 2);
    assert_int_equal(told.ids.result, WT_PROOF_OK);
}

static void an_answer_before_its_hello(void **state)
{
    (void)state;
    answered_before_its_hello();
}

/* A server may go on with the id that the client chose for it: then nothing but the keys tells the first packet. */
static void an_answer_before_its_hello_with_its_id(void **state)
{
    (void)state;
    ends[WT_SERVER].id_length = first_id_length;
    memcpy(ends[WT_SERVER].id, first_id, first_id_length);
    answered_before_its_hello();
}

/* A client without an id is known by its address. */
static void an_answer_before_its_hello_without_an_id(void **state)
{
    (void)state;
    ends[WT_CLIENT].id_length = 0;
    answered_before_its_hello();
}

/* RFC 9287, 3: a server's first packet may have its Fixed Bit cleared. */
static void a_greased_packet_begins_one(void **state)
{
    (void)state;
    static uint8_t out[2048];
    uint8_t flight[1024];
    const struct parameters p = right_parameters();
    const struct how how = {.ungreased = true};
    uint8_t frames[1100];
    const size_t n = put_crypto(frames, sizeof frames, 0, wt_span_of(flight, server_flight(flight, sizeof flight, &p)));
    send_datagram(WT_SERVER, out, seal(out, WT_SERVER, WT_QUIC_HANDSHAKE, &how, wt_span_of(frames, n)));
    finish();
    assert_int_equal(told.count, 1);
    assert_int_equal(told.packets[WT_SERVER], 1);
}

/* RFC 9000, 17.2.5.2: "Clients MUST discard Retry packets that have a Retry Integrity Tag that cannot be validated". */
static void a_retry_with_a_wrong_tag_changes_nothing(void **state)
{
    (void)state;
    say_client_hello((struct wt_span){0}, 0);
    send_retry(1);
    const struct parameters p = right_parameters();
    answer(&p);
    client_finishes();
    finish();
    assert_int_equal(told.retry_tag.result, WT_PROOF_BAD);
    assert_int_equal(told.state, WT_ESTABLISHED);
}

/* RFC 9000, 7.3: "An endpoint MUST treat ... a mismatch between values received from a peer in these transport
 * parameters and the value sent in the corresponding Destination or Source Connection ID fields of Initial packets" as
 * an error. */
static void ids_that_do_not_match_are_seen(void **state)
{
    (void)state;
    struct parameters p = right_parameters();
    p.original = wt_span_text("another!");
    say_client_hello((struct wt_span){0}, 0);
    answer(&p);
    finish();
    assert_int_equal(told.ids.result, WT_PROOF_BAD);
}

/* RFC 9368, 2.3: the server answers in another version, and the client goes on in it. */
static void the_version_changes_under_way(void **state)
{
    (void)state;
    say_client_hello((struct wt_span){0}, 0);
    version = V2;
    const struct parameters p = right_parameters();
    answer(&p);
    client_finishes();
    say_data(WT_CLIENT, &plain, 0, 10);
    finish();
    assert_int_equal(told.version, V2);
    assert_int_equal(told.tried, 2);
    assert_int_equal(told.state, WT_ESTABLISHED);
    assert_int_equal(told.opened[WT_CLIENT], 3);
}

/* RFC 9000, 6.2: the server does not know the version; the client begins anew with another. */
static void a_version_is_negotiated(void **state)
{
    (void)state;
    uint8_t packet[64];
    struct wt_writer w = wt_writer_start(packet, sizeof packet);
    version = V2;
    say_client_hello((struct wt_span){0}, 0);
    wt_write_u8(&w, 0x80);
    wt_write_u32(&w, 0);
    wt_write_opaque(&w, wt_span_of(ends[WT_CLIENT].id, 8), 1, 0, 20, "dcid");
    wt_write_opaque(&w, wt_span_of(first_id, 8), 1, 0, 20, "scid");
    wt_write_u32(&w, V1);
    wt_write_u32(&w, 0x1a2a3a4a);
    send_datagram(WT_SERVER, packet, w.n);
    version = V1;
    memset(first_id, 0xe7, sizeof first_id);
    shake_hands();
    finish();
    assert_int_equal(told.count, 1);
    assert_int_equal(told.version, V1);
    assert_int_equal(told.tried, 2);
    assert_int_equal(told.offered, 2);
    assert_int_equal(told.state, WT_ESTABLISHED);
}

/* RFC 9000, 15: a reserved version is sent to be refused; what the packet holds is another version's Initial. */
static void a_reserved_version_is_opened(void **state)
{
    (void)state;
    uint8_t hello[1024], frames[1200] = {0}; /* RFC 9000, 14.1; zeros are PADDING */
    const struct how how = {.to = first_id, .to_length = first_id_length};
    version = 0x1a2a3a4a;
    (void)put_crypto(frames, sizeof frames, 0, wt_span_of(hello, client_hello(hello, sizeof hello, 0)));
    send_sealed(WT_CLIENT, WT_QUIC_INITIAL, &how, wt_span_of(frames, sizeof frames));
    finish();
    assert_int_equal(told.version, 0x1a2a3a4a);
    assert_int_equal(told.opened[WT_CLIENT], 1);
}

static void so_is_one_with_a_draft_s_keys(void **state)
{
    stand_in = 1;
    a_reserved_version_is_opened(state);
    stand_in = 0;
}

/* RFC 9001, 5.2: the keys of a client's first packet come from the id in it, so that opening it shows who sent it,
 * whatever the ports are. */
static void a_server_has_the_higher_port(void **state)
{
    (void)state;
    ends[WT_SERVER].port = 60000;
    openings = 0;
    shake_hands();
    finish();
    assert_int_equal(openings, 4); /* each packet once */
    assert_int_equal(told.count, 1);
    assert_int_equal(told.state, WT_ESTABLISHED);
    assert_int_equal(told.packets[WT_CLIENT], told.opened[WT_CLIENT]);
}

/* Addresses change, and with them the id (RFC 9000, 9.5): the connection stays one. */
static void a_client_moves(void **state)
{
    (void)state;
    const struct wt_quic_frame id = {.kind = WT_FRAME_NEW_CONNECTION_ID,
                                     .type = 0x18,
                                     .sequence_number = 1,
                                     .connection_id = wt_span_text("new-server-id"),
                                     .stateless_reset_token = wt_span_text("0123456789abcdef")};
    shake_hands();
    send_frame(WT_SERVER, &plain, &id);
    ends[WT_CLIENT].address = 77;
    ends[WT_CLIENT].port = 40001;
    const struct how how = {.to = (const uint8_t *)"new-server-id", .to_length = 13};
    say_data(WT_CLIENT, &how, 0, 50);
    say_data(WT_SERVER, &plain, 0, 60);
    finish();
    assert_int_equal(told.count, 1);
    assert_int_equal(told.paths, 2);
    assert_int_equal(told.stream_bytes[WT_CLIENT], 50);
    assert_int_equal(told.stream_bytes[WT_SERVER], 60);
}

/* RFC 9000, 10.3: what ends with a token that was given for an id. */
static void a_stateless_reset_is_known(void **state)
{
    (void)state;
    uint8_t reset[60];
    const struct wt_quic_frame id = {.kind = WT_FRAME_NEW_CONNECTION_ID,
                                     .type = 0x18,
                                     .sequence_number = 1,
                                     .connection_id = wt_span_text("new-server-id"),
                                     .stateless_reset_token = wt_span_text("0123456789abcdef")};
    shake_hands();
    send_frame(WT_SERVER, &plain, &id);
    memset(reset, 0x5a, sizeof reset);
    memcpy(reset + sizeof reset - 16, "0123456789abcdef", 16);
    send_datagram(WT_SERVER, reset, sizeof reset);
    finish();
    assert_int_equal(told.reset_frame, frame);
}

/* RFC 9001, 6: any number of updates, also where the first packets after them are missing, up to the limit. */
static void keys_are_updated(void **state)
{
    (void)state;
    shake_hands();
    for (unsigned updates = 1; updates <= 3; updates++) {
        const struct how how = {.updates = updates};
        say_data(WT_CLIENT, &how, 0, 10);
    }
    const struct how late = {.updates = 2, .number = 3, .has_number = true};
    ends[WT_CLIENT].number[2] = 5;
    say_data(WT_CLIENT, &late, 0, 1);
    const struct how far = {.updates = 3 + WT_LIMIT_QUIC_UPDATES};
    say_data(WT_CLIENT, &far, 0, 7);
    const struct how farther = {.updates = 4 + 2 * WT_LIMIT_QUIC_UPDATES};
    say_data(WT_CLIENT, &farther, 0, 7);
    finish();
    assert_int_equal(told.key_updates[WT_CLIENT], 3 + WT_LIMIT_QUIC_UPDATES);
    assert_int_equal(told.stream_bytes[WT_CLIENT], 37);
}

/* 0-RTT and what follows the ServerHello wait for what their keys are made of. */
static void what_comes_early_waits(void **state)
{
    (void)state;
    uint8_t hello[1024];
    const struct how first = {.to = first_id, .to_length = first_id_length};
    const uint8_t ping[4] = {1};
    const struct parameters p = right_parameters();
    send_sealed(WT_CLIENT, WT_QUIC_0RTT, &first, wt_span_of(ping, 4));
    say_client_hello((struct wt_span){0}, 0);
    send_crypto(WT_SERVER, WT_QUIC_HANDSHAKE, &plain, 0, wt_span_of(hello, server_flight(hello, sizeof hello, &p)));
    send_crypto(WT_SERVER, WT_QUIC_INITIAL, &plain, 0, wt_span_of(hello, server_hello(hello, sizeof hello)));
    client_finishes();
    finish();
    assert_true(told.early_data);
    assert_int_equal(told.opened[WT_CLIENT], 3);
    assert_int_equal(told.opened[WT_SERVER], 2);
    assert_int_equal(told.state, WT_ESTABLISHED);
}

/* The capture lacks the client's Finished. RFC 9001, 4.1.2: "The server MUST send a HANDSHAKE_DONE frame as soon as the
 * handshake is complete"; 5.7: "a server MUST NOT process incoming 1-RTT protected packets before the TLS handshake is
 * complete", and so acknowledges none. A client has neither to say. */
static void a_handshake_is_complete_by_the_server_s_word(void **state)
{
    const struct wt_quic_frame done = {.kind = WT_FRAME_HANDSHAKE_DONE, .type = 0x1e};
    const struct wt_quic_frame ack = {.kind = WT_FRAME_ACK, .type = 0x02};
    const struct wt_quic_frame close = {.kind = WT_FRAME_CONNECTION_CLOSE, .type = 0x1c};
    const struct {
        unsigned from;
        const struct wt_quic_frame *says;
        unsigned state;
    } rows[] = {{WT_SERVER, &done, WT_ESTABLISHED}, {WT_SERVER, &ack, WT_ESTABLISHED}, {WT_CLIENT, &done, WT_FAILED}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct parameters p = right_parameters();
        say_client_hello((struct wt_span){0}, 0);
        answer(&p);
        send_frame(rows[i].from, &plain, rows[i].says);
        send_frame(WT_SERVER, &plain, &close);
        finish();
        assert_int_equal(told.count, 1);
        assert_int_equal(told.state, rows[i].state);
        (void)stop(state), (void)start(state);
    }
}

/* Several packets of one size behind one UDP header, the last one shorter. */
static size_t offloaded(uint8_t *out, size_t count, bool ungreased)
{
    static uint8_t data[1100];
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        uint8_t frames[1200];
        const struct wt_quic_frame f = {.kind = WT_FRAME_STREAM,
                                        .type = 0x0e,
                                        .offset = 0x4000 + 1100 * i,
                                        .data = wt_span_of(data, i + 1 < count ? 1100 : 300)};
        struct wt_writer w = wt_writer_start(frames, sizeof frames);
        wt_quic_frame_write(&w, &f);
        const struct how how = {.ungreased = ungreased};
        n += seal(out + n, WT_SERVER, WT_QUIC_1RTT, &how, wt_span_of(frames, w.n));
    }
    return n;
}

static void segments_in_one_piece_are_opened(void **state)
{
    (void)state;
    static uint8_t out[ROOM];
    shake_hands();
    send_datagram(WT_SERVER, out, offloaded(out, 12, false));
    send_datagram(WT_SERVER, out, offloaded(out, 5, true)); /* RFC 9287 */
    finish();
    assert_int_equal(told.offloaded, 2);
    assert_int_equal(told.stream_bytes[WT_SERVER], 15 * 1100 + 600);
    assert_int_equal(told.packets[WT_SERVER], 2 + 17);
}

static void segments_in_one_piece_are_counted_without_keys(void **state)
{
    (void)state;
    static uint8_t out[ROOM];
    shake_hands();
    send_datagram(WT_SERVER, out, offloaded(out, 12, false));
    finish();
    assert_int_equal(told.offloaded, 1);
    assert_int_equal(told.packets[WT_SERVER], 2 + 12);
}

/* A client may have no id (RFC 9000, 5.1: "A zero-length connection ID can be used when a connection ID is not needed
 * to route to the correct endpoint"): its packets are known by their addresses. */
static void a_client_without_an_id(void **state)
{
    (void)state;
    ends[WT_CLIENT].id_length = 0;
    shake_hands();
    say_data(WT_SERVER, &plain, 0, 60);
    finish();
    assert_int_equal(told.count, 1);
    assert_int_equal(told.opened[WT_SERVER], 3);
    assert_int_equal(told.stream_bytes[WT_SERVER], 60);
}

/* Nothing keeps two clients from choosing the same id: their ends tell. */
static void two_clients_with_one_id(void **state)
{
    (void)state;
    const struct parameters p = right_parameters();
    say_client_hello((struct wt_span){0}, 0);
    ends[WT_CLIENT].port++;
    ends[WT_CLIENT].number[0] = 0;
    memset(first_id, 0xe5, sizeof first_id);
    say_client_hello((struct wt_span){0}, 0);
    ends[WT_CLIENT].port--;
    memset(first_id, 0xd1, sizeof first_id);
    answer(&p);
    struct wt_quic *first = seen();
    assert_int_equal(first->side[WT_SERVER].opened[WT_QUIC_INITIAL], 1);
    assert_int_equal(first->side[WT_SERVER].opened[WT_QUIC_HANDSHAKE], 1);
    finish();
    assert_int_equal(told.count, 2);
}

/* RFC 9001, 4.8: a code from 0x0100 on is an alert's. */
static void a_server_refuses(void **state)
{
    (void)state;
    uint8_t frames[64];
    struct wt_writer w = wt_writer_start(frames, sizeof frames);
    const struct wt_quic_frame f = {.kind = WT_FRAME_CONNECTION_CLOSE,
                                    .type = 0x1c,
                                    .error_code = 0x178,
                                    .frame_type = 6,
                                    .reason_phrase = wt_span_text("no ALPN")};
    say_client_hello((struct wt_span){0}, 0);
    wt_quic_frame_write(&w, &f);
    send_sealed(WT_SERVER, WT_QUIC_INITIAL, &plain, wt_span_of(frames, w.n));
    send_sealed(WT_SERVER, WT_QUIC_INITIAL, &plain, wt_span_of(frames, w.n));
    finish();
    assert_int_equal(told.state, WT_FAILED);
    assert_int_equal(told.closes, 1);
    assert_int_equal(told.close_code, 0x178);
}

/* What is no QUIC begins no connection. */
static void other_datagrams_are_others(void **state)
{
    (void)state;
    static const uint8_t rtp[40] = {0x80, 0x60}, long_header[40] = {0xc0, 0x12, 0x34, 0x56, 0x78};
    uint8_t lying[40] = {0xc0, 0, 0, 0, 1, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0x7f, 0xff};
    send_datagram(WT_CLIENT, rtp, sizeof rtp);
    send_datagram(WT_CLIENT, long_header, sizeof long_header);
    send_datagram(WT_CLIENT, lying, sizeof lying);
    finish();
    assert_int_equal(told.count, 0);
}

/* RFC 9114, 8.1: the application's codes are HTTP/3's where it is the application. */
static void closes_have_names(void **state)
{
    (void)state;
    const struct wt_quic_frame f = {.kind = WT_FRAME_APPLICATION_CLOSE, .type = 0x1d, .error_code = 0x100};
    shake_hands();
    send_frame(WT_CLIENT, &plain, &f);
    finish();
    assert_int_equal(told.close_code, 0x100);
    assert_string_equal(told.close_name, "H3_NO_ERROR");
    assert_int_equal(told.state, WT_ESTABLISHED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_handshake_is_told, start, stop),
        cmocka_unit_test_setup_teardown(without_keys_initials_are_open, start_without_keys, stop),
        cmocka_unit_test_setup_teardown(pieces_of_a_hello_come_in_any_order, start, stop),
        cmocka_unit_test_setup_teardown(a_retry_is_followed, start, stop),
        cmocka_unit_test_setup_teardown(a_retry_whose_cause_is_not_here, start, stop),
        cmocka_unit_test_setup_teardown(a_retry_whose_cause_is_not_here_either, start, stop),
        cmocka_unit_test_setup_teardown(what_follows_a_retry_that_is_not_here, start, stop),
        cmocka_unit_test_setup_teardown(an_answer_before_its_hello, start, stop),
        cmocka_unit_test_setup_teardown(an_answer_before_its_hello_with_its_id, start, stop),
        cmocka_unit_test_setup_teardown(an_answer_before_its_hello_without_an_id, start, stop),
        cmocka_unit_test_setup_teardown(a_greased_packet_begins_one, start, stop),
        cmocka_unit_test_setup_teardown(a_retry_with_a_wrong_tag_changes_nothing, start, stop),
        cmocka_unit_test_setup_teardown(ids_that_do_not_match_are_seen, start, stop),
        cmocka_unit_test_setup_teardown(the_version_changes_under_way, start, stop),
        cmocka_unit_test_setup_teardown(a_reserved_version_is_opened, start, stop),
        cmocka_unit_test_setup_teardown(so_is_one_with_a_draft_s_keys, start, stop),
        cmocka_unit_test_setup_teardown(a_version_is_negotiated, start, stop),
        cmocka_unit_test_setup_teardown(a_server_has_the_higher_port, start, stop),
        cmocka_unit_test_setup_teardown(a_client_moves, start, stop),
        cmocka_unit_test_setup_teardown(a_stateless_reset_is_known, start, stop),
        cmocka_unit_test_setup_teardown(keys_are_updated, start, stop),
        cmocka_unit_test_setup_teardown(what_comes_early_waits, start, stop),
        cmocka_unit_test_setup_teardown(a_handshake_is_complete_by_the_server_s_word, start, stop),
        cmocka_unit_test_setup_teardown(segments_in_one_piece_are_opened, start, stop),
        cmocka_unit_test_setup_teardown(segments_in_one_piece_are_counted_without_keys, start_without_keys, stop),
        cmocka_unit_test_setup_teardown(a_client_without_an_id, start, stop),
        cmocka_unit_test_setup_teardown(two_clients_with_one_id, start, stop),
        cmocka_unit_test_setup_teardown(a_server_refuses, start, stop),
        cmocka_unit_test_setup_teardown(closes_have_names, start, stop),
        cmocka_unit_test_setup_teardown(other_datagrams_are_others, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
