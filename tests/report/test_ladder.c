/* QUIC's rows: packets of one datagram, messages within a packet, runs of data, Retry, another path, the end. */
#include "story_samples.h"

#include "wiretale/quic.h"

#define FRAMES(...)                                                                                                    \
    .frames = (const char *const[]){__VA_ARGS__},                                                                      \
    .frame_count = sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)

static const struct wt_text_options wide = {.size = sizeof wide, .columns = 200};
static const int64_t ms = 1000000;

/* A hello, a Retry, the handshake, ten packets of data, another path, and the end. */
static const struct wt_quic_packet_seen packets[] = {
    {.frame = 1, .from = WT_CLIENT, .type = "initial", .opened = true, FRAMES("crypto", "padding")},
    {.frame = 2, .from = WT_SERVER, .type = "retry"},
    {.frame = 3, .from = WT_CLIENT, .type = "initial", .opened = true, .number = 1, FRAMES("crypto", "padding")},
    {.frame = 4, .from = WT_SERVER, .type = "initial", .opened = true, FRAMES("ack", "crypto")},
    {.frame = 4, .from = WT_SERVER, .type = "handshake", .opened = true, FRAMES("crypto")},
    {.frame = 5, .from = WT_CLIENT, .type = "1rtt", .opened = true, FRAMES("ack", "stream", "stream", "stream")},
    {.frame = 6, .from = WT_SERVER, .type = "1rtt", .opened = true, FRAMES("ack")},
    {.frame = 7, .from = WT_CLIENT, .type = "1rtt", .opened = true, .number = 1, FRAMES("stream")},
    {.frame = 8, .from = WT_SERVER, .type = "1rtt", .opened = true, .number = 1, FRAMES("stream")},
    {.frame = 9, .from = WT_CLIENT, .type = "1rtt", .opened = true, .number = 2, FRAMES("stream")},
    {.frame = 10, .from = WT_SERVER, .type = "1rtt", .opened = true, .number = 2, FRAMES("stream")},
    {.frame = 11, .from = WT_SERVER, .type = "1rtt", .opened = true, .number = 3, FRAMES("stream")},
    {.frame = 12, .from = WT_SERVER, .type = "1rtt", .opened = true, .number = 4, FRAMES("stream")},
    {.frame = 13, .from = WT_CLIENT, .type = "1rtt", .opened = true, .number = 3, FRAMES("path_challenge")},
    {.frame = 14, .from = WT_SERVER, .type = "1rtt", .opened = true, .number = 5, FRAMES("path_response")},
    {.frame = 15, .from = WT_CLIENT, .type = "1rtt", .opened = true, .number = 4, FRAMES("connection_close")},
    {.frame = 16, .from = WT_SERVER, .type = "1rtt"},
};

static const struct wt_quic_path_seen paths[2] = {
    {.first_frame = 1},
    {.client = {.port = 50113},
     .first_frame = 13,
     .challenge_frame = {13, 0},
     .response_frame = {14, 0},
     .validated_in = {300000, 0}},
};
static const struct wt_quic_close_seen closes[] = {
    {.frame = 15,
     .from = WT_CLIENT,
     .application = true,
     .code = 0x100,
     .name = "H3_NO_ERROR",
     .reason = {(const uint8_t *)"bye\x1b[", 5}},
};
static const uint32_t tried[] = {1};

static const struct wt_quic_story quic = {
    .version = 1,
    .versions_tried = tried,
    .versions_tried_count = 1,
    .retry = true,
    .paths = paths,
    .path_count = 2,
    .closes = closes,
    .close_count = 1,
    .packet_list = packets,
    .packet_list_count = sizeof packets / sizeof *packets,
    .key_updates = {2, 1},
    .stream_bytes = {1234, 56000},
};

static struct wt_message *at_level(struct wt_message *m, enum wt_quic_level level)
{
    m->level = (uint8_t)level;
    m->flags |= WT_MESSAGE_LEVEL | (level == WT_LEVEL_INITIAL ? 0 : WT_MESSAGE_ENCRYPTED | WT_MESSAGE_DECRYPTED);
    return m;
}

static struct story *story_quic(struct wt_quic_packet_seen *list)
{
    struct story *s = malloc(sizeof *s);
    static struct wt_quic_story q;
    story_begin(s);
    s->c.protocol = WT_PROTOCOL_QUIC;
    s->c.decryption = WT_DECRYPTION_KEYLOG;
    s->c.version = s->c.offered = WT_TLS13;
    s->c.cipher_suite = 0x1301;
    s->c.fin[0] = s->c.fin[1] = false;
    at_level(story_handshake(s, 1, WT_CLIENT, WT_HANDSHAKE_CLIENT_HELLO, SAMPLE_CLIENT_HELLO_13), WT_LEVEL_INITIAL);
    at_level(story_handshake(s, 4, WT_SERVER, WT_HANDSHAKE_SERVER_HELLO, SAMPLE_SERVER_HELLO_13), WT_LEVEL_INITIAL);
    at_level(story_handshake(s, 4, WT_SERVER, WT_HANDSHAKE_ENCRYPTED_EXTENSIONS, "0000"), WT_LEVEL_HANDSHAKE);
    at_level(story_handshake(s, 4, WT_SERVER, WT_HANDSHAKE_CERTIFICATE, SAMPLE_CERTIFICATE), WT_LEVEL_HANDSHAKE);
    story_settle(s);
    q = quic;
    memcpy(list, packets, sizeof packets);
    for (size_t i = 0; i < q.packet_list_count; i++)
        list[i].time.ns = s->c.start.ns + (list[i].frame - 1) * ms;
    q.packet_list = list;
    s->c.quic = &q;
    return s;
}

/* RFC 9000, 12.2: packets that share a datagram are rows that share its number and time. */
static void packets_and_what_is_in_them(void **state)
{
    struct wt_quic_packet_seen list[sizeof packets / sizeof *packets];
    struct story *s = story_quic(list);
    char *text = story_print(s, wide);
    (void)state;
    has(text, "       1    0.0 ms  Initial 0: ClientHello ─");
    has(text, "       4    3.0 ms  ◀──────────────── Initial 0: ServerHello");
    has(text, "                    ◀══════ Handshake 0: EncryptedExtensions");
    has(text, "                    ◀═══════════════════════════ Certificate");
    has(text, "1-RTT 0: ACK, STREAM × 3 ═");
    has(text, "═ 1-RTT   not decrypted"); /* one that nobody could open has no number */
    lacks(text, "PADDING");
    s->c.decryption = WT_DECRYPTION_NONE; /* then the head says it once, for all */
    free(text);
    text = story_print(s, wide);
    lacks(text, "1-RTT   not decrypted");
    free(text);
    story_free(s);
}

/* Five of data are shown, then a sum, then the last of them; whatever is more than data has its row. */
static void runs_of_data_are_summed_up(void **state)
{
    struct wt_quic_packet_seen list[sizeof packets / sizeof *packets];
    struct story *s = story_quic(list);
    char *text = story_print(s, wide);
    (void)state;
    has(text, "1-RTT 1: STREAM ═");
    has(text, "═ 1-RTT × 2   2 packets from the server");
    has(text, "1-RTT 4: STREAM\n");
    lacks(text, "1-RTT 3: STREAM");
    has(text, "1-RTT 3: PATH_CHALLENGE ═");
    free(text);
    story_free(s);
}

static void retry_paths_and_the_end(void **state)
{
    struct wt_quic_packet_seen list[sizeof packets / sizeof *packets];
    struct story *s = story_quic(list);
    char *text = story_print(s, wide);
    (void)state;
    has(text, "QUIC v1, TLS 1.3, established in 61.3 ms");
    has(text, "extra round trip (Retry), 2 paths, 2 key updates");
    has(text, "asks the client to prove its address");
    has(text, "Initial 1: CRYPTO ─");
    has(text, "begins again, with the token");
    has(text, "on a new path: [::]:50113 to [::]:0");
    has(text, "answers the PATH_CHALLENGE of packet 13 after 0.3 ms");
    has(text, "application error 0x100 H3_NO_ERROR, \"bye\\x1b[\"");
    has(text, "streams: 1.2 kB from the client, 56.0 kB from the server, closed by the client");
    lacks(text, "still open");
    free(text);
    text = story_print(s, (struct wt_text_options){.size = sizeof wide, .columns = 60});
    has(text, "closed by the");
    free(text);
    story_free(s);
}

/* What was sent again, and of which packet; what was lost stands out of the data around it. */
static void losses(void **state)
{
    static const struct wt_quic_resent resent[] = {
        {.from = WT_CLIENT,
         .type = "initial",
         .number = 1,
         .frame = 3,
         .crypto = true,
         .length = 1200,
         .first_type = "initial",
         .first_frame = 1,
         .first_acknowledged = 4,
         .first_arrived = true,
         .acknowledged = 4,
         .acknowledged_in = 41000000},
        {.from = WT_SERVER,
         .type = "1rtt",
         .number = 4,
         .frame = 12,
         .stream_id = 8,
         .offset = 100,
         .length = 50,
         .first_type = "1rtt",
         .first_number = 3,
         .first_frame = 11,
         .lost = true},
        {.from = WT_SERVER,
         .type = "1rtt",
         .number = 5,
         .frame = 14,
         .length = 10,
         .first_type = "1rtt",
         .first_number = 5,
         .unseen = true},
        {.from = WT_SERVER,
         .type = "1rtt",
         .number = 5,
         .frame = 14,
         .offset = 10,
         .length = 10,
         .first_type = "1rtt",
         .first_number = 1,
         .first_arrived = true},
    };
    static const struct wt_quic_gap_seen gaps[] = {
        {.from = WT_CLIENT, .type = "1rtt", .frame = 9, .first = 0, .last = 1, .missing = 2, .acknowledged = 1},
        {.from = WT_CLIENT, .type = "1rtt", .frame = 13, .first = 2, .last = 2, .missing = 1, .again = true},
    };
    struct wt_quic_packet_seen list[sizeof packets / sizeof *packets];
    struct story *s = story_quic(list);
    struct wt_quic_story q = *s->c.quic;
    (void)state;
    q.resent = resent;
    q.resent_count = 4;
    q.gaps = gaps;
    q.gap_count = 2;
    q.resent_packets[WT_SERVER] = 3;
    q.lost[WT_SERVER] = 1;
    q.lost[WT_CLIENT] = 1;
    q.uncaptured[WT_CLIENT] = 1;
    s->c.quic = &q;
    char *text = story_print(s, (struct wt_text_options){.size = sizeof wide, .columns = 400});
    has(text, "2 packets lost, 3 packets with data sent again, 1 packet that arrived is not in the capture");
    has(text, "sent again of Initial 0: CRYPTO 0–1199, which had arrived (acknowledged in packet 4), acknowledged "
              "after 41.0 ms");
    has(text, "1-RTT 3: STREAM   lost: sent again in 1-RTT 4");
    has(text, "1-RTT 4: STREAM   sent again of 1-RTT 3: STREAM 8, 100–149\n");
    has(text, "sent again of a packet that never came: STREAM 0, 0–9");
    has(text, "sent again of 1-RTT 1: STREAM 0, 10–19, which had been acknowledged by then");
    has(text, "1 packet before it is not in the capture, but was acknowledged, 1 packet number before it never came: "
              "lost, or "
              "left out");
    has(text, "1 packet before it was lost before the capture");
    free(text);
    story_free(s);
}

/* Beside the time there is room for a version's own name, without it for all. */
static void lines(void **state)
{
    struct wt_quic_packet_seen list[sizeof packets / sizeof *packets];
    struct story *s = story_quic(list);
    struct wt_quic_story q = *s->c.quic;
    static const struct {
        uint32_t version;
        bool timed;
        const char *text;
    } rows[] = {
        {1, true, " QUIC v1 "},
        {0xff00001d, true, " draft 29 "},
        {0xff00001d, false, " QUIC draft 29 "},
        {0x51303339, false, " QUIC Google Q039 "},
    };
    (void)state;
    s->c.quic = &q;
    const int64_t ready = s->c.ready.ns;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct printed line = {NULL, 0};
        struct wt_output output = {printed_write, &line, false};
        q.version = rows[i].version;
        s->c.ready.ns = rows[i].timed ? ready : 0;
        wt_report_text_line(&output, &s->c, &wide);
        has(line.text, rows[i].text);
        free(line.text);
    }
    story_free(s);
}

/* What has no TLS in it is no TLS whose beginning is missing. */
static void googles_own(void **state)
{
    struct wt_quic_packet_seen list[sizeof packets / sizeof *packets];
    struct story *s = story_quic(list);
    struct wt_quic_story q = {.version = 0x51303339};
    (void)state;
    s->c.quic = &q;
    s->c.state = WT_INCOMPLETE;
    s->c.client_hello_seen = s->c.server_hello_seen = false;
    char *text = story_print(s, wide);
    has(text, "QUIC Google Q039");
    has(text, "incomplete: Google's own QUIC, without TLS, is not decoded");
    free(text);
    story_free(s);
}

/* RFC 9000, 6: the server's list decides; RFC 9368, 2.3: a compatible version costs no round trip. */
static void versions(void **state)
{
    static const uint32_t offered[] = {1, 0x6b3343cf}, two[] = {0x6b3343cf, 1};
    struct wt_quic_packet_seen list[sizeof packets / sizeof *packets];
    struct story *s = story_quic(list);
    struct wt_quic_story q = *s->c.quic;
    (void)state;
    q.versions_tried = two;
    q.versions_tried_count = 2;
    s->c.quic = &q;
    char *text = story_print(s, wide);
    has(text, "begun with v2");
    free(text);
    q.versions_offered = offered;
    q.versions_offered_count = 2;
    list[1].type = "version_negotiation";
    text = story_print(s, wide);
    has(text, "extra round trip (Version Negotiation): the client had begun with v2");
    has(text, "the server has v1, v2");
    free(text);
    q.close_count = 0;
    q.reset_frame = 16;
    text = story_print(s, wide);
    has(text, "ended by a stateless reset (packet 16)");
    free(text);
    q.reset_frame = 0;
    text = story_print(s, wide);
    has(text, "its end is not in the capture");
    free(text);
    story_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_and_what_is_in_them),
        cmocka_unit_test(runs_of_data_are_summed_up),
        cmocka_unit_test(retry_paths_and_the_end),
        cmocka_unit_test(versions),
        cmocka_unit_test(losses),
        cmocka_unit_test(lines),
        cmocka_unit_test(googles_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
