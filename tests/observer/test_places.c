/* Where messages and records were: packets, stream offsets, records; over every way in which they can be cut. */
#include "segments.h"

#include "peers.h"

static char seen[16384];
static size_t seen_n;
static struct peers peers;

static void note(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void note(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(seen + seen_n, sizeof seen - seen_n, format, arguments);
    va_end(arguments);
    assert_in_range(n, 0, sizeof seen - seen_n - 1);
    seen_n += (size_t)n;
}

/* "[frame@offset+length ...]" */
static void note_places(const struct wt_stream_place *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        note("%s%u@%llu+%u", i ? " " : "[", p[i].frame, (unsigned long long)p[i].offset, p[i].length);
    note("%s", n ? "]" : "[]");
}

/* "c1 record:inside+length[places] ..." for each message: who sent it, its handshake type or "-"; a record that was
 * opened has an "o" behind it. */
static void on_placed(void *context, const struct wt_connection *c)
{
    (void)context;
    for (size_t i = 0; i < c->message_count; i++) {
        const struct wt_message *m = wt_connection_message(c, i);
        note("%c", m->from == WT_CLIENT ? 'c' : 's');
        if (m->flags & WT_MESSAGE_TYPED)
            note("%u", m->type);
        else
            note("-");
        for (size_t k = 0; k < m->piece_count; k++) {
            note(" %u%s:%u+%u", m->pieces[k].record, m->pieces[k].opened ? "o" : "", m->pieces[k].inside,
                 m->pieces[k].length);
            note_places(m->pieces[k].places, m->pieces[k].place_count);
        }
        note("\n");
    }
    h.told++;
}

/* "c1 type offset+length[places]" for each record. */
static void on_records(void *context, const struct wt_connection *c)
{
    (void)context;
    for (size_t i = 0; i < c->record_count; i++) {
        const struct wt_record_seen *r = wt_connection_record_at(c, i);
        assert_ptr_equal(r, wt_connection_record(c, (enum wt_side)r->from, r->number));
        assert_int_equal(r->header[0], r->type);
        assert_int_equal(wt_get16(r->header + 3), r->length);
        note("%c%u %u %llu+%u", r->from == WT_CLIENT ? 'c' : 's', r->number, r->type, (unsigned long long)r->offset,
             r->length);
        note_places(r->places, r->place_count);
        note("\n");
    }
    assert_null(wt_connection_record(c, WT_CLIENT, (uint32_t)c->record_count + 1));
    assert_null(wt_connection_record_at(c, c->record_count));
    h.told++;
}

static void listen_with(void (*told)(void *, const struct wt_connection *), struct wt_keys *keys, bool headers)
{
    stop(&h);
    forget(&d);
    memset(&h, 0, sizeof h);
    const struct wt_observer_options options = {.size = sizeof options,
                                                .connection = told,
                                                .keep_messages = true,
                                                .keep_packet_headers = headers,
                                                .keys = keys};
    assert_non_null(h.observer = wt_observer_new(&options, NULL));
    wt_observer_file(h.observer, "capture");
    seen_n = 0;
    seen[0] = '\0';
    frame = 0;
}

/* Bytes of one side from `at` on, after its SYN with number 1000 (the client's) or 6000. */
static void send_bytes(enum wt_side from, uint32_t at, struct wt_span bytes)
{
    uint32_t isn = from == WT_CLIENT ? 1000 : 6000;
    segment(from, 40000, WT_TCP_ACK | WT_TCP_PSH, isn + 1 + at, 0, bytes, 0);
}

static void expect(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void expect(const char *format, ...)
{
    char want[4096];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(want, sizeof want, format, arguments);
    va_end(arguments);
    finish();
    assert_int_equal(h.told, 1);
    assert_string_equal(seen, want);
}

/* A ClientHello's record; its fragment has `n` bytes. */
static struct wt_span hello_of(struct flight *f, uint32_t *n)
{
    client_hello(f, (struct hello){.sni = "example.com"});
    *n = (uint32_t)f->b.n - 5;
    return wt_buffer_span(&f->b);
}

static struct wt_span part(struct wt_span s, size_t from, size_t to)
{
    return wt_span_cut(s, from, to - from);
}

static void test_two_packets(void **state)
{
    struct flight f = {0};
    uint32_t n;
    (void)state;
    listen_with(on_placed, NULL, false);
    struct wt_span b = hello_of(&f, &n);
    syn(40000, 1000);
    send_bytes(WT_CLIENT, 0, part(b, 0, 50));
    send_bytes(WT_CLIENT, 50, part(b, 50, b.n));
    expect("c1 1:0+%u[4@5+45 5@50+%u]\n", n, n - 45);
    wt_buffer_free(&f.b);
}

/* The first bytes are too few to be known as TLS: they wait, and keep their packets. */
static void test_byte_by_byte(void **state)
{
    struct flight f = {0};
    uint32_t n;
    (void)state;
    listen_with(on_records, NULL, false);
    struct wt_span b = hello_of(&f, &n);
    syn(40000, 1000);
    for (uint32_t i = 0; i < 8; i++)
        send_bytes(WT_CLIENT, i, part(b, i, i + 1));
    send_bytes(WT_CLIENT, 8, part(b, 8, b.n));
    expect("c1 22 0+%u[4@0+1 5@1+1 6@2+1 7@3+1 8@4+1 9@5+1 10@6+1 11@7+1 12@8+%u]\n", n, n - 3);
    wt_buffer_free(&f.b);
}

/* A handshake message's bytes without a record. */
static void add_message(struct wt_buffer *b, uint8_t type, uint32_t n)
{
    const uint8_t head[4] = {type, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n};
    assert_true(wt_buffer_add(b, head, 4));
    for (uint32_t i = 0; i < n; i++)
        assert_true(wt_buffer_add(b, "\0", 1));
}

/* RFC 8446, 5.1: "Handshake messages MAY be coalesced into a single TLSPlaintext record or fragmented across several
 * records". */
static void test_records(void **state)
{
    struct flight f = {0}, server = {0};
    struct wt_buffer messages = {0};
    uint32_t n;
    (void)state;
    listen_with(on_placed, NULL, false);
    struct wt_span hello = hello_of(&f, &n);
    server_hello(&server, (struct hello){0});
    uint32_t first = (uint32_t)server.b.n - 5;
    add_message(&messages, WT_HANDSHAKE_CERTIFICATE, 96);
    add_message(&messages, WT_HANDSHAKE_SERVER_HELLO_DONE, 0);
    struct wt_span all = wt_buffer_span(&messages);
    add_record(&server, WT_CONTENT_HANDSHAKE, part(all, 0, 30)); /* Certificate in three records, … */
    add_record(&server, WT_CONTENT_HANDSHAKE, part(all, 30, 60));
    add_record(&server, WT_CONTENT_HANDSHAKE, part(all, 60, all.n)); /* … the last with ServerHelloDone */
    syn(40000, 1000);
    send_bytes(WT_CLIENT, 0, hello);
    struct wt_span b = wt_buffer_span(&server.b);
    uint32_t cut = first + 5 + 35 + 10; /* inside the second of Certificate's records */
    send_bytes(WT_SERVER, 0, part(b, 0, cut));
    send_bytes(WT_SERVER, cut, part(b, cut, b.n));
    uint32_t at = first + 5;
    expect("c1 1:0+%u[4@5+%u]\ns2 1:0+%u[5@5+%u]\n"
           "s11 2:0+30[5@%u+30] 3:0+30[5@%u+5 6@%u+25] 4:0+40[6@%u+40]\ns14 4:40+4[6@%u+4]\n",
           n, n, first, first, at + 5, at + 40, at + 45, at + 75, at + 115);
    wt_buffer_free(&f.b);
    wt_buffer_free(&server.b);
    wt_buffer_free(&messages);
}

static void test_disorder(void **state)
{
    struct flight f = {0};
    uint32_t n;
    (void)state;
    listen_with(on_placed, NULL, false);
    struct wt_span b = hello_of(&f, &n);
    syn(40000, 1000);
    send_bytes(WT_CLIENT, 60, part(b, 60, b.n)); /* packet 4 comes early, */
    send_bytes(WT_CLIENT, 20, part(b, 20, 60));  /* packet 5 too, */
    send_bytes(WT_CLIENT, 0, part(b, 0, 20));    /* and packet 6 completes both */
    expect("c1 1:0+%u[6@5+15 5@20+40 4@60+%u]\n", n, n - 55);
    wt_buffer_free(&f.b);
}

static void test_retransmission(void **state)
{
    struct flight f = {0};
    uint32_t n;
    (void)state;
    listen_with(on_placed, NULL, false);
    struct wt_span b = hello_of(&f, &n);
    syn(40000, 1000);
    send_bytes(WT_CLIENT, 0, part(b, 0, 40));
    send_bytes(WT_CLIENT, 0, part(b, 0, 40));    /* the same again: the first has carried it */
    send_bytes(WT_CLIENT, 20, part(b, 20, b.n)); /* an overlap carries what is new in it */
    expect("c1 1:0+%u[4@5+35 6@40+%u]\n", n, n - 35);
    wt_buffer_free(&f.b);
}

/* Sequence numbers go through 2^32. */
static void test_wrap(void **state)
{
    struct flight f = {0};
    uint32_t n;
    (void)state;
    listen_with(on_placed, NULL, false);
    struct wt_span b = hello_of(&f, &n);
    syn(40000, UINT32_MAX - 20);
    segment(WT_CLIENT, 40000, WT_TCP_ACK, UINT32_MAX - 19, 0, part(b, 0, 40), 0);
    segment(WT_CLIENT, 40000, WT_TCP_ACK, UINT32_MAX - 19 + 40, 0, part(b, 40, b.n), 0);
    expect("c1 1:0+%u[4@5+35 5@40+%u]\n", n, n - 35);
    wt_buffer_free(&f.b);
}

/* Bytes 20 to 59 of a Certificate's record are missing: the record keeps the places of what is there, the message is
 * lost, and those after it are where they are. */
static void test_gap(void **state)
{
    struct flight f = {0}, server = {0};
    struct wt_buffer messages = {0};
    uint32_t n;
    (void)state;
    for (unsigned turn = 0; turn < 2; turn++) {
        listen_with(turn ? on_records : on_placed, NULL, false);
        f.b.n = server.b.n = messages.n = 0;
        struct wt_span hello = hello_of(&f, &n);
        add_message(&messages, WT_HANDSHAKE_CERTIFICATE, 96);
        server_hello(&server, (struct hello){0});
        uint32_t at = (uint32_t)server.b.n;
        add_record(&server, WT_CONTENT_HANDSHAKE, wt_buffer_span(&messages));
        server_hello_done(&server);
        struct wt_span b = wt_buffer_span(&server.b);
        syn(40000, 1000);
        send_bytes(WT_CLIENT, 0, hello);
        send_bytes(WT_SERVER, 0, part(b, 0, at + 20));
        send_bytes(WT_SERVER, at + 60, part(b, at + 60, b.n));
        if (turn)
            expect("c1 22 0+%u[4@0+%u]\ns1 22 0+%u[5@0+%u]\ns2 22 %u+100[5@%u+20 6@%u+45]\ns3 22 %u+4[6@%u+9]\n", n,
                   n + 5, at - 5, at, at, at, at + 60, at + 105, at + 105);
        else
            expect("c1 1:0+%u[4@5+%u]\ns2 1:0+%u[5@5+%u]\ns14 3:0+4[6@%u+4]\n", n, n, at - 5, at - 5, at + 110);
    }
    wt_buffer_free(&f.b);
    wt_buffer_free(&server.b);
    wt_buffer_free(&messages);
}

/* TLS begins inside a stream: offsets count from its first byte. */
static void test_starttls(void **state)
{
    struct flight f = {0};
    uint32_t n;
    (void)state;
    listen_with(on_placed, NULL, false);
    struct wt_span b = hello_of(&f, &n);
    syn(40000, 1000);
    send_bytes(WT_SERVER, 0, wt_span_text("220 mail ESMTP\r\n"));
    send_bytes(WT_CLIENT, 0, wt_span_text("STARTTLS\r\n"));
    send_bytes(WT_SERVER, 16, wt_span_text("220 go ahead\r\n"));
    send_bytes(WT_CLIENT, 10, part(b, 0, 7));
    send_bytes(WT_CLIENT, 17, part(b, 7, b.n));
    expect("c1 1:0+%u[7@15+2 8@17+%u]\n", n, n - 2);
    wt_buffer_free(&f.b);
}

static void test_stream_bytes(void **state)
{
    struct flight f = {0};
    uint32_t n;
    (void)state;
    listen_with(on_placed, NULL, false);
    struct wt_span b = hello_of(&f, &n);
    const struct wt_address ends[2] = {{.port = 40000}, {.port = 443}};
    struct wt_stream *stream = wt_observer_stream(h.observer, &ends[0], &ends[1]);
    wt_stream_bytes(stream, WT_CLIENT, (struct wt_time){1, 9}, b.p, 30);
    wt_stream_bytes(stream, WT_CLIENT, (struct wt_time){2, 9}, b.p + 30, b.n - 30);
    wt_stream_close(stream, (struct wt_time){3, 9}, false);
    expect("c1 1:0+%u[0@5+25 0@30+%u]\n", n, n - 25);
    wt_buffer_free(&f.b);
}

/* --- opened with keys ----------------------------------------------------------------------------------------------
 */

static unsigned opened, messages_opened;

/* Each record under keys was opened: what was inside, zeros, type and tag make up its length. Each message in it has a
 * piece that is in its plaintext, with the whole record's places. */
static void on_opened(void *context, const struct wt_connection *c)
{
    (void)context;
    for (size_t i = 0; i < c->record_count; i++) {
        const struct wt_record_seen *r = &c->records[i];
        if (!r->opened)
            continue;
        opened++;
        assert_int_equal(r->type, WT_CONTENT_APPLICATION_DATA);
        assert_int_equal(r->padding_length, 7);
        assert_int_equal(r->plaintext_length + r->padding_length + 1 + 16, r->length);
        assert_int_equal(r->place_count, 1);
        assert_int_equal(r->places[0].offset, r->offset);
        assert_int_equal(r->places[0].length, 5 + r->length);
    }
    for (size_t i = 0; i < c->message_count; i++) {
        const struct wt_message *m = &c->messages[i];
        if (m->content_type != WT_CONTENT_HANDSHAKE || !(m->flags & WT_MESSAGE_DECRYPTED))
            continue;
        messages_opened++;
        assert_int_equal(m->piece_count, 1);
        const struct wt_message_piece *p = &m->pieces[0];
        const struct wt_record_seen *r = wt_connection_record(c, (enum wt_side)m->from, p->record);
        assert_non_null(r);
        assert_true(p->opened && r->opened);
        assert_int_equal(r->inner_type, WT_CONTENT_HANDSHAKE);
        assert_int_equal(p->inside, 0);
        assert_int_equal(p->length, 4 + m->length);
        assert_int_equal(p->length, r->plaintext_length);
        assert_memory_equal(p->places, r->places, sizeof *p->places);
        assert_int_equal(p->places[0].frame, m->frame);
    }
    h.told++;
}

static void test_opened_flight(void **state)
{
    (void)state;
    struct wt_keys *keys = wt_keys_new(NULL, NULL);
    memset(&peers, 0, sizeof peers);
    peers_meet(&peers, &(struct plan){.version = WT_TLS13, .padding = 7});
    struct wt_keys_log *log = wt_keys_log_open(keys, "keys", false);
    wt_keys_log_feed(log, peers.log.p, peers.log.n);
    wt_keys_log_close(log);
    listen_with(on_opened, keys, false);
    syn(40000, 1000);
    uint32_t at[2] = {0, 0};
    for (size_t i = 0; i < peers.n; i++) {
        enum wt_side from = peers.pieces[i].from;
        send_bytes(from, at[from], wt_buffer_span(&peers.pieces[i].b));
        at[from] += (uint32_t)peers.pieces[i].b.n;
    }
    opened = messages_opened = 0;
    finish();
    assert_int_equal(h.told, 1);
    assert_int_equal(opened, 5); /* EncryptedExtensions, Certificate, CertificateVerify and both Finished */
    assert_int_equal(messages_opened, 5);
    peers_part(&peers);
    stop(&h);
    wt_keys_free(keys);
}

/* --- headers of packets --------------------------------------------------------------------------------------------
 */

static void on_headers(void *context, const struct wt_connection *c)
{
    (void)context;
    for (size_t i = 0; i < c->packet_count; i++) {
        const struct wt_packet_headers *p = wt_connection_packet_at(c, i);
        assert_ptr_equal(p, wt_connection_packet(c, p->frame));
        assert_int_equal(p->link, LINKTYPE_RAW);
        assert_int_equal(p->length, HEADS);
        assert_int_equal(p->bytes.n, HEADS);
        assert_int_equal(p->bytes.p[0], 0x45);
        note("%c%u seq %u\n", p->from == WT_CLIENT ? 'c' : 's', p->frame, wt_get32(p->bytes.p + 24));
    }
    assert_null(wt_connection_packet(c, 1)); /* the SYN carried nothing */
    h.told++;
}

static void test_headers(void **state)
{
    struct flight f = {0};
    uint32_t n;
    (void)state;
    listen_with(on_headers, NULL, true);
    struct wt_span b = hello_of(&f, &n);
    syn(40000, 1000);
    send_bytes(WT_CLIENT, 60, part(b, 60, b.n)); /* early: its headers are kept until its bytes are due */
    send_bytes(WT_CLIENT, 0, part(b, 0, 60));
    expect("c4 seq 1061\nc5 seq 1001\n");
    wt_buffer_free(&f.b);
}

static struct wt_packet_headers long_headers; /* none of its pointers holds */

static void on_long_headers(void *context, const struct wt_connection *c)
{
    (void)context;
    assert_int_equal(c->packet_count, 1);
    long_headers = *wt_connection_packet_at(c, 0);
    h.told++;
}

/* RFC 8200, 4.3: IPv6's hop-by-hop options are as long as somebody likes. A segment with so many bytes of headers. */
static void send_headers(unsigned headers, unsigned flags, uint32_t sequence, struct wt_span bytes)
{
    enum { IPV6 = 40, TCP = 24 };
    const unsigned hops = headers - IPV6 - TCP;
    uint8_t p[1024] = {0x60};
    put(p + 4, (uint32_t)(hops + TCP + bytes.n), 2);
    p[7] = 64, p[23] = 1, p[39] = 2;
    p[IPV6] = 6, p[IPV6 + 1] = (uint8_t)(hops / 8 - 1); /* the rest of the options is Pad1 */
    uint8_t *tcp = p + IPV6 + hops;
    put(tcp, 40000, 2), put(tcp + 2, 443, 2), put(tcp + 4, sequence, 4);
    tcp[12] = TCP / 4 << 4, tcp[13] = (uint8_t)flags;
    if (bytes.n)
        memcpy(tcp + TCP, bytes.p, bytes.n);
    const struct wt_packet packet = {.frame = ++frame,
                                     .link = LINKTYPE_RAW,
                                     .time = {now, 6},
                                     .data = p,
                                     .length = (uint32_t)(headers + bytes.n),
                                     .original = (uint32_t)(headers + bytes.n)};
    wt_observer_packet(h.observer, &packet);
}

/* Of a packet's headers so many bytes are kept, and how many there were. */
static void test_long_headers(void **state)
{
    struct flight f = {0};
    uint32_t n;
    (void)state;
    const struct wt_span hello = hello_of(&f, &n);
    for (unsigned headers = WT_LIMIT_PACKET_HEADERS - 8; headers <= WT_LIMIT_PACKET_HEADERS + 8; headers += 8) {
        listen_with(on_long_headers, NULL, true);
        send_headers(headers, WT_TCP_SYN, 1000, nothing);
        send_headers(headers, WT_TCP_ACK, 1001, hello);
        finish();
        assert_int_equal(h.told, 1);
        assert_int_equal(long_headers.length, headers);
        assert_int_equal(long_headers.bytes.n, headers < WT_LIMIT_PACKET_HEADERS ? headers : WT_LIMIT_PACKET_HEADERS);
    }
    wt_buffer_free(&f.b);
}

/* Nothing is kept of what nobody asked for. */
static void on_nothing(void *context, const struct wt_connection *c)
{
    (void)context;
    assert_null(c->packets);
    assert_int_equal(c->packet_count, 0);
    assert_int_equal(c->record_count, c->messages ? 1 : 0);
    h.told++;
}

static void test_not_asked(void **state)
{
    struct flight f = {0};
    uint32_t n;
    (void)state;
    for (unsigned turn = 0; turn < 2; turn++) {
        listen_with(on_nothing, NULL, false);
        if (turn) {
            const struct wt_observer_options options = {
                .size = sizeof options, .connection = on_nothing, .keep_packet_headers = true};
            wt_observer_free(h.observer);
            h.observer = wt_observer_new(&options, NULL);
            wt_observer_file(h.observer, "capture");
        }
        f.b.n = 0;
        struct wt_span b = hello_of(&f, &n);
        syn(40000, 1000);
        send_bytes(WT_CLIENT, 0, b);
        finish();
        assert_int_equal(h.told, 1);
    }
    wt_buffer_free(&f.b);
}

static void on_unplaced(void *context, const struct wt_connection *c)
{
    (void)context;
    assert_int_equal(c->message_count, 1);
    assert_int_equal(c->messages[0].body.n, c->messages[0].length);
    assert_null(c->messages[0].pieces);
    assert_int_equal(c->messages[0].piece_count, 0);
    assert_int_equal(c->record_count, 0);
    h.told++;
}

static void on_one_piece(void *context, const struct wt_connection *c)
{
    (void)context;
    assert_int_equal(c->messages[0].piece_count, 1);
    assert_int_equal(c->record_count, 1);
    h.told++;
}

/* Messages without their places; headers of packets are found by them. */
static void test_no_places(void **state)
{
    struct flight f = {0};
    uint32_t n;
    (void)state;
    for (unsigned headers = 0; headers < 2; headers++) {
        const struct wt_observer_options options = {.size = sizeof options,
                                                    .connection = headers ? on_one_piece : on_unplaced,
                                                    .keep_messages = true,
                                                    .keep_packet_headers = headers,
                                                    .no_places = true};
        listen_with(on_unplaced, NULL, false);
        wt_observer_free(h.observer);
        assert_non_null(h.observer = wt_observer_new(&options, NULL));
        wt_observer_file(h.observer, "capture");
        f.b.n = 0;
        struct wt_span b = hello_of(&f, &n);
        syn(40000, 1000);
        send_bytes(WT_CLIENT, 0, part(b, 0, 50));
        send_bytes(WT_CLIENT, 50, part(b, 50, b.n));
        finish();
        assert_int_equal(h.told, 1);
    }
    wt_buffer_free(&f.b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_two_packets, start, clean),
        cmocka_unit_test_setup_teardown(test_byte_by_byte, start, clean),
        cmocka_unit_test_setup_teardown(test_records, start, clean),
        cmocka_unit_test_setup_teardown(test_disorder, start, clean),
        cmocka_unit_test_setup_teardown(test_retransmission, start, clean),
        cmocka_unit_test_setup_teardown(test_wrap, start, clean),
        cmocka_unit_test_setup_teardown(test_gap, start, clean),
        cmocka_unit_test_setup_teardown(test_starttls, start, clean),
        cmocka_unit_test_setup_teardown(test_stream_bytes, start, clean),
        cmocka_unit_test_setup_teardown(test_opened_flight, start, clean),
        cmocka_unit_test_setup_teardown(test_headers, start, clean),
        cmocka_unit_test_setup_teardown(test_long_headers, start, clean),
        cmocka_unit_test_setup_teardown(test_not_asked, start, clean),
        cmocka_unit_test_setup_teardown(test_no_places, start, clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
