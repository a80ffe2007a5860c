/* What the writer writes, our reader reads: packets, secrets, names, copies of chosen packets, made conversations. */
#include "capture/fragment.h"
#include "capture/rebuild.h"
#include "capture/tcp.h"
#include "make.h"
#include "wiretale/write.h"

#include <stdio.h>

static bool into(void *context, const void *bytes, size_t length)
{
    return wt_buffer_add(context, bytes, length);
}

static struct wt_capture *open_written(const struct wt_buffer *file)
{
    struct wt_error error = {0};
    struct wt_capture *c = wt_capture_open_memory(wt_buffer_span(file), &error);
    assert_non_null(c);
    assert_string_equal(wt_capture_format(c), "pcapng");
    return c;
}

static void ends_well(struct wt_capture *c)
{
    struct wt_packet p;
    assert_false(wt_capture_next(c, &p));
    assert_int_equal(wt_capture_error(c)->code, WT_OK);
    wt_capture_close(c);
}

/* What a file tells beside its packets. */
struct beside {
    struct wt_buffer secrets, names;
    unsigned blocks;
};

static void on_secrets(void *context, const struct wt_capture_secrets *secrets)
{
    struct beside *b = context;
    assert_int_equal(secrets->type, WT_SECRETS_TLS_KEY_LOG);
    assert_true(wt_buffer_add(&b->secrets, secrets->data.p, secrets->data.n));
    b->blocks++;
}

static void on_name(void *context, struct wt_span address, struct wt_span name)
{
    struct beside *b = context;
    assert_true(wt_buffer_add_hex(&b->names, address));
    assert_true(wt_buffer_format(&b->names, "=%.*s;", (int)name.n, (const char *)name.p));
}

static void listen_to(struct wt_capture *c, struct beside *b)
{
    *b = (struct beside){0};
    wt_capture_on_secrets(c, on_secrets, b);
    wt_capture_on_name(c, on_name, b);
}

static void forget(struct beside *b)
{
    wt_buffer_free(&b->secrets);
    wt_buffer_free(&b->names);
}

static void assert_text(const struct wt_buffer *b, const char *text)
{
    assert_int_equal(b->n, strlen(text));
    assert_memory_equal(b->p, text, b->n);
}

static void test_packets(void **state)
{
    (void)state;
    static const uint8_t v4[4] = {192, 0, 2, 1};
    static const struct wt_packet packets[] = {
        {1, 1, {1500000000123456000, 6}, (const uint8_t *)"abcde", 5, 5},
        {2, 101, {1500000000123456789, 9}, (const uint8_t *)"abcd", 4, 1500}, /* cut, and another interface */
        {3, 1, {1500000001000000000, 0}, (const uint8_t *)"", 0, 0},          /* seconds go with microseconds */
        {4, 1, {-1000, 6}, (const uint8_t *)"x", 1, 1},                       /* before 1970 */
    };
    struct wt_buffer file = {0};
    struct wt_capture_writer *w = wt_capture_writer_new(into, &file);
    struct beside beside;
    struct wt_capture *c;
    assert_true(wt_capture_write_secrets(w, WT_SECRETS_TLS_KEY_LOG, wt_span_text("CLIENT_RANDOM 00 11\n")));
    assert_true(wt_capture_write_name(w, wt_span_of(v4, 4), wt_span_text("www.example.com")));
    assert_true(wt_capture_write_name(w, wt_span_of(v4, 3), wt_span_text("no address")));
    for (size_t i = 0; i < 4; i++)
        assert_true(wt_capture_write_packet(w, &packets[i]));
    assert_int_equal(file.n, 0); /* it is handed on in large pieces */
    assert_true(wt_capture_writer_finish(w));
    wt_capture_writer_free(w);
    c = open_written(&file);
    listen_to(c, &beside);
    for (size_t i = 0; i < 4; i++) {
        const struct wt_packet *want = &packets[i];
        struct wt_packet got;
        assert_true(wt_capture_next(c, &got));
        assert_int_equal(got.frame, want->frame);
        assert_int_equal(got.link, want->link);
        assert_int_equal(got.time.ns, want->time.ns);
        assert_int_equal(got.time.digits, want->time.digits > 6 ? 9 : 6);
        assert_int_equal(got.length, want->length);
        assert_int_equal(got.original, want->original);
        assert_memory_equal(got.data, want->data, want->length);
    }
    ends_well(c);
    assert_text(&beside.secrets, "CLIENT_RANDOM 00 11\n");
    assert_text(&beside.names, "c0000201=www.example.com;");
    forget(&beside);
    wt_buffer_free(&file);
}

/* libpcap takes no file without an interface, even when it holds no packets. */
static void test_empty(void **state)
{
    (void)state;
    struct wt_buffer file = {0};
    struct wt_capture_writer *w = wt_capture_writer_new(into, &file);
    assert_true(wt_capture_write_interface(w, 101, 6));
    assert_true(wt_capture_write_interface(w, 101, 0)); /* the same */
    assert_true(wt_capture_writer_finish(w));
    assert_int_equal(file.n, 44 + 32);
    ends_well(open_written(&file));
    wt_capture_writer_free(w);
    wt_buffer_free(&file);
}

/* Wireshark takes no block over 16 MiB; a key log is cut between its lines. */
static void test_long_secrets(void **state)
{
    (void)state;
    struct wt_buffer text = {0}, file = {0};
    struct wt_capture_writer *w = wt_capture_writer_new(into, &file);
    struct wt_packet p;
    struct beside beside;
    struct wt_capture *c;
    for (unsigned i = 0; text.n < 20u << 20; i++)
        assert_true(wt_buffer_format(&text, "CLIENT_RANDOM %064u %096u\n", i, i));
    assert_true(wt_capture_write_secrets(w, WT_SECRETS_TLS_KEY_LOG, wt_buffer_span(&text)));
    assert_true(wt_capture_writer_finish(w));
    c = open_written(&file);
    listen_to(c, &beside);
    assert_false(wt_capture_next(c, &p));
    assert_int_equal(beside.blocks, 3);
    assert_int_equal(beside.secrets.n, text.n);
    assert_memory_equal(beside.secrets.p, text.p, text.n);
    wt_capture_close(c);
    forget(&beside);
    wt_buffer_free(&text);
    wt_buffer_free(&file);
    wt_capture_writer_free(w);
}

static bool refuse(void *context, const void *bytes, size_t length)
{
    (void)bytes;
    (void)length;
    ++*(unsigned *)context;
    return false;
}

static void test_failure_sticks(void **state)
{
    (void)state;
    unsigned asked = 0;
    struct wt_capture_writer *w = wt_capture_writer_new(refuse, &asked);
    const struct wt_packet p = {1, 1, {0, 6}, (const uint8_t *)"abc", 3, 3};
    assert_true(wt_capture_write_packet(w, &p));
    assert_false(wt_capture_writer_finish(w));
    assert_false(wt_capture_write_packet(w, &p));
    assert_false(wt_capture_write_secrets(w, WT_SECRETS_TLS_KEY_LOG, wt_span_text("x")));
    assert_false(wt_capture_writer_finish(w));
    assert_int_equal(asked, 1);
    wt_capture_writer_free(w);
}

/* ---- copies */

/* Two interfaces, packets with comments, others' secrets and names, in either byte order; then a second section. */
static void make_rich(struct make *m)
{
    static const uint8_t address[4] = {192, 0, 2, 9};
    size_t at = make_block(m, 0x0a0d0d0a);
    make_32(m, 0x1a2b3c4d);
    make_16(m, 1);
    make_16(m, 0);
    make_64(m, 4242); /* a section's length, which will not hold */
    make_option(m, 2, "a host", 6);
    make_block_end(m, at);
    make_interface(m, 1, 96);
    make_interface(m, 101, 0);
    at = make_block(m, 10);
    make_32(m, 0x544c534b);
    make_32(m, 6);
    make_bytes(m, "OTHERS\0", 8);
    make_block_end(m, at);
    at = make_block(m, 4);
    make_16(m, 1);
    make_16(m, 8);
    make_bytes(m, address, 4);
    make_bytes(m, "you", 4);
    make_32(m, 0);
    make_block_end(m, at);
    make_enhanced(m, 1, 5000000, "first", 5, 5);
    at = make_block(m, 6);
    make_32(m, 0);
    make_32(m, 0);
    make_32(m, 6000000);
    make_32(m, 6);
    make_32(m, 60);
    make_bytes(m, "second\0", 8);
    make_option(m, 1, "a comment", 9);
    make_32(m, 0);
    make_block_end(m, at);
    make_enhanced(m, 0, 7000000, "third", 5, 5);
    make_section(m);
    make_interface(m, 147, 0);
    make_enhanced(m, 0, 8000000, "fourth", 6, 6);
}

static void copy_rich(bool swapped)
{
    struct make m = {.swapped = swapped};
    struct wt_error error = {0};
    struct wt_buffer file = {0};
    struct wt_capture_writer *w = wt_capture_writer_new(into, &file);
    struct wt_capture *c;
    struct wt_packet p;
    struct beside beside;
    static const struct {
        const char *text;
        uint16_t link;
        uint32_t original;
        int64_t ns;
    } want[] = {{"second", 1, 60, 6000000000}, {"third", 1, 5, 7000000000}, {"fourth", 147, 6, 8000000000}};
    make_rich(&m);
    c = wt_capture_open_memory(make_span(&m), &error);
    assert_non_null(c);
    assert_true(wt_capture_write_from(w, c));
    assert_true(wt_capture_write_secrets(w, WT_SECRETS_TLS_KEY_LOG, wt_span_text("OURS")));
    while (wt_capture_next(c, &p))
        if (p.frame != 1)
            assert_true(wt_capture_write_copy(w, &p));
    assert_int_equal(wt_capture_error(c)->code, WT_OK);
    wt_capture_close(c);
    assert_true(wt_capture_writer_finish(w));
    assert_non_null(memmem(file.p, file.n, "a comment", 9));
    assert_non_null(memmem(file.p, file.n, "a host", 6));
    assert_null(memmem(file.p, file.n, "OTHERS", 6));
    assert_null(memmem(file.p, file.n, "first", 5));
    assert_null(memmem(file.p, file.n, "you", 3));
    assert_memory_equal(file.p + 16, "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
    assert_true(memmem(file.p, file.n, "OURS", 4) < memmem(file.p, file.n, "second", 6));
    c = open_written(&file);
    listen_to(c, &beside);
    for (size_t i = 0; i < 3; i++) {
        assert_true(wt_capture_next(c, &p));
        assert_int_equal(p.link, want[i].link);
        assert_int_equal(p.time.ns, want[i].ns);
        assert_int_equal(p.original, want[i].original);
        assert_int_equal(p.length, strlen(want[i].text));
        assert_memory_equal(p.data, want[i].text, p.length);
    }
    ends_well(c);
    assert_text(&beside.secrets, "OURS");
    forget(&beside);
    wt_capture_writer_free(w);
    wt_buffer_free(&file);
    wt_buffer_free(&m.b);
}

static void test_copy_pcapng(void **state)
{
    (void)state;
    copy_rich(false);
    copy_rich(true);
}

/* A pcapng file and a pcap file behind it, into one. */
static void test_copy_several(void **state)
{
    (void)state;
    struct make ng = {.swapped = true}, plain = {0};
    struct wt_error error = {0};
    struct wt_buffer file = {0};
    struct wt_capture_writer *w = wt_capture_writer_new(into, &file);
    struct wt_packet p;
    struct beside beside;
    struct wt_capture *c;
    make_rich(&ng);
    make_pcap_header(&plain, 0xa1b23c4d, 4, 113);
    make_pcap_packet(&plain, 9, 123456789, "fifth", 5, 5);
    for (unsigned i = 0; i < 2; i++) {
        c = wt_capture_open_memory(make_span(i ? &plain : &ng), &error);
        assert_non_null(c);
        assert_true(wt_capture_write_from(w, c));
        assert_true(wt_capture_write_secrets(w, WT_SECRETS_TLS_KEY_LOG, wt_span_text(i ? "B" : "A")));
        while (wt_capture_next(c, &p))
            assert_true(wt_capture_write_copy(w, &p));
        wt_capture_close(c);
    }
    assert_true(wt_capture_writer_finish(w));
    c = open_written(&file);
    listen_to(c, &beside);
    for (unsigned i = 0; i < 5; i++)
        assert_true(wt_capture_next(c, &p));
    assert_int_equal(p.link, 113);
    assert_int_equal(p.time.ns, 9123456789);
    assert_int_equal(p.time.digits, 9);
    assert_memory_equal(p.data, "fifth", 5);
    ends_well(c);
    assert_text(&beside.secrets, "AB");
    forget(&beside);
    wt_capture_writer_free(w);
    wt_buffer_free(&file);
    wt_buffer_free(&ng.b);
    wt_buffer_free(&plain.b);
}

/* ---- made conversations */

/* RFC 1071 in its plainest words: the sum over all 16-bit words, with the checksum in it, is -0. */
static void assert_checksum(const uint8_t *pseudo, size_t n_pseudo, const uint8_t *p, size_t n)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < n_pseudo; i++)
        sum += (uint32_t)pseudo[i] << (i % 2 ? 0 : 8);
    for (size_t i = 0; i < n; i++) {
        sum += (uint32_t)p[i] << (i % 2 ? 0 : 8);
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum = (sum & 0xffff) + (sum >> 16);
    assert_int_equal((sum & 0xffff) + (sum >> 16), 0xffff);
}

static void assert_packet_sums(const struct wt_packet *p, bool v4)
{
    uint8_t pseudo[40] = {0};
    size_t header = v4 ? 20 : 40, n = p->length - header, addresses = v4 ? 8 : 32;
    assert_int_equal(p->data[0] >> 4, v4 ? 4 : 6);
    if (v4) {
        assert_checksum(NULL, 0, p->data, 20);
        assert_int_equal(p->data[2] << 8 | p->data[3], p->length);
    } else {
        assert_int_equal(p->data[4] << 8 | p->data[5], n);
    }
    memcpy(pseudo, p->data + (v4 ? 12 : 8), addresses);
    pseudo[addresses] = (uint8_t)(n >> 8);
    pseudo[addresses + 1] = (uint8_t)n;
    pseudo[addresses + 3] = 6;
    assert_checksum(pseudo, addresses + 4, p->data + header, n);
}

/* Both streams of a conversation, as our own reassembly has them. */
struct streams {
    struct wt_buffer said[2];
    bool ended[2];
};

static void on_data(void *context, unsigned direction, struct wt_span bytes)
{
    struct streams *s = context;
    assert_true(wt_buffer_add(&s->said[direction], bytes.p, bytes.n));
}

static void on_gap(void *context, unsigned direction, uint64_t n)
{
    (void)context;
    (void)direction;
    fail_msg("a gap of %llu bytes", (unsigned long long)n);
}

static void on_end(void *context, unsigned direction)
{
    struct streams *s = context;
    s->ended[direction] = true;
}

static void on_conflict(void *context, unsigned direction)
{
    (void)context;
    (void)direction;
    fail_msg("%s", "a conflict");
}

static void reassemble(struct wt_capture *c, const struct wt_rebuilt *made, struct streams *streams, bool v4)
{
    struct wt_tcp_direction tcp[2] = {{0}};
    struct wt_tcp_totals totals = {0};
    const struct wt_tcp_sink sink = {on_data, on_gap, on_end, on_conflict, streams};
    struct wt_fragments *fragments = wt_fragments_new();
    struct wt_packet p;
    uint32_t in_flight = 0;
    while (wt_capture_next(c, &p)) {
        struct wt_segment s;
        assert_int_equal(p.link, 101);
        assert_int_equal(wt_packet_decode(fragments, &p, &s), WT_PACKET_TCP);
        unsigned d = s.source_port == made->port[1];
        assert_memory_equal(s.source, made->ip[d], 16);
        assert_memory_equal(s.target, made->ip[!d], 16);
        assert_int_equal(s.target_port, made->port[!d]);
        assert_true(s.length <= WT_REBUILD_MSS);
        assert_packet_sums(&p, v4);
        /* nobody sends more than the other side's window lets him */
        in_flight = s.length > 0 ? in_flight + s.length : 0;
        assert_true(in_flight <= s.window);
        if (s.flags & WT_TCP_ACK)
            wt_tcp_acknowledge(&tcp[!d], !d, s.acknowledgment, &totals, &sink);
        wt_tcp_segment(&tcp[d], d, s.sequence, s.flags, wt_span_of(s.data, s.length), 0, &totals, &sink);
    }
    assert_int_equal(totals.pending_bytes, 0);
    for (unsigned d = 0; d < 2; d++) {
        assert_true(tcp[d].syn);
        assert_true(streams->ended[d]);
        assert_int_equal(tcp[d].next + 1, tcp[d].acked); /* the FIN counts one */
    }
    wt_fragments_free(fragments);
}

static void rebuild(bool v4, uint32_t isn)
{
    static const uint8_t ends4[2][16] = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 10},
                                         {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 255}};
    static const uint8_t ends6[2][16] = {{0x20, 1, 0xd, 0xb8, [15] = 1}, {0x20, 1, 0xd, 0xb8, [15] = 2}};
    struct wt_rebuilt made = {.port = {40000, 443}, .next = {isn, isn + 77}};
    struct wt_buffer file = {0}, said[2] = {{0}};
    struct wt_capture_writer *w = wt_capture_writer_new(into, &file);
    struct streams streams = {0};
    struct wt_capture *c;
    uint64_t dice = isn + v4;
    memcpy(made.ip, v4 ? ends4 : ends6, sizeof made.ip);
    for (unsigned i = 0; i < 40; i++) {
        uint8_t bytes[70000];
        unsigned from = make_random(&dice) & 1;
        uint32_t n = i == 20 ? sizeof bytes : make_random(&dice) % 16385;
        for (uint32_t k = 0; k < n; k++)
            bytes[k] = (uint8_t)make_random(&dice);
        assert_true(wt_buffer_add(&said[from], bytes, n));
        assert_true(wt_rebuild_data(w, &made, from, (struct wt_time){1000000 * i, 6}, wt_span_of(bytes, n)));
        assert_true(made.open);
    }
    assert_true(wt_rebuild_close(w, &made, 1, (struct wt_time){50000000, 6}));
    assert_false(made.open);
    assert_true(wt_rebuild_close(w, &made, 1, (struct wt_time){50000000, 6})); /* once is enough */
    assert_true(wt_capture_writer_finish(w));
    wt_capture_writer_free(w);
    c = open_written(&file);
    reassemble(c, &made, &streams, v4);
    ends_well(c);
    for (unsigned d = 0; d < 2; d++) {
        assert_int_equal(streams.said[d].n, said[d].n);
        assert_memory_equal(streams.said[d].p, said[d].p, said[d].n);
        wt_buffer_free(&streams.said[d]);
        wt_buffer_free(&said[d]);
    }
    wt_buffer_free(&file);
}

static void test_rebuild(void **state)
{
    (void)state;
    rebuild(true, 0);
    rebuild(false, 0);
    rebuild(true, UINT32_MAX - 100000); /* sequence numbers wrap */
    rebuild(true, UINT32_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_packets),        cmocka_unit_test(test_empty),       cmocka_unit_test(test_long_secrets),
        cmocka_unit_test(test_failure_sticks), cmocka_unit_test(test_copy_pcapng), cmocka_unit_test(test_copy_several),
        cmocka_unit_test(test_rebuild),

    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
