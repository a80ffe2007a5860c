/* A connection's packets as qlog: one JSON object, whatever is in them, and no token or secret. */
#include "json_check.h"

#include "base/buffer.h"
#include "wiretale/quic_packet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define SPAN(text)                                                                                                     \
    {                                                                                                                  \
        (const uint8_t *)(text), sizeof(text) - 1                                                                      \
    }

static bool collect(void *context, const char *bytes, size_t length)
{
    return wt_buffer_add(context, bytes, length);
}

static const struct wt_quic_frame_told frames[] = {
    {.id = "padding", .type = 0, .data = SPAN("\0\0\0")},
    {.id = "ping", .type = 1},
    {.id = "ack",
     .type = 3,
     .ranges = (const struct wt_quic_range[]){{7, 9}, {1, 2}},
     .range_count = 2,
     .ack_delay = 1234,
     .has_ecn = true,
     .ect0 = 4,
     .ce = 1},
    {.id = "reset_stream", .type = 4, .stream_id = 4, .error_code = 0x10c, .final_size = 99},
    {.id = "stop_sending", .type = 5, .stream_id = 4, .error_code = 0x10c},
    {.id = "crypto", .type = 6, .offset = 5, .data = SPAN("hello")},
    {.id = "new_token", .type = 7, .data = SPAN("secret")},
    {.id = "stream", .type = 0x0f, .stream_id = 8, .offset = 77, .data = SPAN("application"), .fin = true},
    {.id = "max_data", .type = 0x10, .maximum = 1000},
    {.id = "max_stream_data", .type = 0x11, .stream_id = 8, .maximum = 2000},
    {.id = "max_streams", .type = 0x13, .maximum = 3, .unidirectional = true},
    {.id = "data_blocked", .type = 0x14, .maximum = 1001},
    {.id = "stream_data_blocked", .type = 0x15, .stream_id = 8, .maximum = 2001},
    {.id = "streams_blocked", .type = 0x16, .maximum = 4},
    {.id = "new_connection_id",
     .type = 0x18,
     .sequence_number = 2,
     .retire_prior_to = 1,
     .connection_id = SPAN("\1\2\3\4"),
     .reset_token = SPAN("secretsecretsecr")},
    {.id = "retire_connection_id", .type = 0x19, .sequence_number = 1},
    {.id = "path_challenge", .type = 0x1a, .data = SPAN("\xaa\xbb\xcc\xdd\1\2\3\4")},
    {.id = "handshake_done", .type = 0x1e},
    {.id = "datagram", .type = 0x31, .data = SPAN("application")},
    {.id = "unknown", .type = 0x4242},
};

static const struct wt_quic_frame_told closing[] = {
    {.id = "connection_close", .type = 0x1c, .error_code = 0x0a, .frame_type = 6, .reason = SPAN("a \"reason\"\n\xff")},
};
static const struct wt_quic_frame_told leaving[] = {
    {.id = "connection_close", .type = 0x1d, .application = true, .error_code = 0x100},
};

static const struct wt_quic_parameter_told parameters[] = {
    {.id = 1, .name = "max_idle_timeout", .has_number = true, .number = 30000},
    {.id = 2, .name = "stateless_reset_token", .value = SPAN("secretsecretsecr")},
    {.id = 0xc, .name = "disable_active_migration"},
    {.id = 0xf, .name = "initial_source_connection_id", .value = SPAN("\5\6")},
    {.id = 0x1234},
};

/* Of the client, opened, in a long header. */
static struct wt_quic_packet_told first_packet(void)
{
    struct wt_quic_packet_told p = {.file = "a.pcap",
                                    .connection = 1,
                                    .odcid = SPAN("\xde\xad\xbe\xef"),
                                    .opened = true,
                                    .frame = 1,
                                    .time = {1000000000123456, 9},
                                    .type = "initial",
                                    .version = 1,
                                    .dcid = SPAN("\xde\xad\xbe\xef"),
                                    .scid = SPAN("\5\6"),
                                    .token = SPAN("secret"),
                                    .length = 1200,
                                    .frames = frames,
                                    .frame_count = sizeof frames / sizeof *frames,
                                    .parameters = parameters,
                                    .parameter_count = sizeof parameters / sizeof *parameters};
    memcpy(p.client.ip, "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\2\1", 16);
    memcpy(p.server.ip, "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\2\2", 16);
    p.client.port = 50000;
    p.server.port = 443;
    return p;
}

static char *told(struct wt_buffer *b, const struct wt_quic_packet_told *packets, size_t count)
{
    struct wt_output output = {.write = collect, .context = b};
    struct wt_qlog *qlog = wt_qlog_new();
    assert_non_null(qlog);
    for (size_t i = 0; i < count; i++)
        wt_qlog_packet(qlog, &output, &packets[i]);
    wt_qlog_free(qlog);
    if (!json_is_line((const char *)b->p, b->n))
        fail_msg("no JSON: %.*s", (int)b->n, (const char *)b->p);
    assert_true(wt_buffer_add_char(b, 0));
    return (char *)b->p;
}

static void has(const char *line, const char *part)
{
    if (!strstr(line, part))
        fail_msg("missing %s in\n%s", part, line);
}

static void test_packets(void **state)
{
    struct wt_quic_packet_told p[6];
    struct wt_buffer b = {0};
    (void)state;
    for (size_t i = 0; i < 6; i++)
        p[i] = first_packet();
    p[1].from = WT_SERVER;
    p[1].time.ns += 1500001;
    p[1].frames = NULL;
    p[1].frame_count = p[1].parameter_count = 0;
    p[1].opened = false;
    p[1].type = "handshake";
    p[2] = p[1];
    p[2].type = "1rtt";
    p[2].opened = p[2].ready = true;
    p[2].version = 0;
    p[2].number = 12;
    p[2].key_phase = 1;
    p[3] = p[2];
    p[3].from = WT_CLIENT;
    p[3].key_phase = 0;
    p[3].frames = closing;
    p[3].frame_count = 1;
    p[4] = p[3];
    p[4].frames = leaving;
    p[5].end = true;
    const char *line = told(&b, p, 6);
    has(line, "{\"qlog_version\":\"0.3\",\"qlog_format\":\"JSON\"");
    has(line, "\"vantage_point\":{\"name\":\"wiretale\",\"type\":\"network\",\"flow\":\"client\"}");
    has(line, "\"ODCID\":\"deadbeef\"");
    has(line, "\"time_format\":\"relative\",\"reference_time\":1000000000}");
    has(line,
        "{\"time\":0.123456,\"name\":\"connectivity:connection_started\",\"data\":{\"ip_version\":\"v4\",\"src_ip\":"
        "\"192.0.2.1\",\"src_port\":50000,\"dst_ip\":\"192.0.2.2\",\"dst_port\":443,\"protocol\":\"QUIC\",\"src_cid\":"
        "\"0506\",\"dst_cid\":\"deadbeef\"}}");
    has(line,
        "{\"time\":0.123456,\"name\":\"transport:packet_sent\",\"data\":{\"header\":{\"packet_type\":\"initial\","
        "\"packet_number\":0,\"version\":\"00000001\",\"scil\":2,\"scid\":\"0506\",\"dcil\":4,\"dcid\":\"deadbeef\","
        "\"token\":{\"raw\":{\"length\":6}}},\"raw\":{\"length\":1200}");
    has(line,
        "{\"time\":1.623457,\"name\":\"transport:packet_received\",\"data\":{\"header\":{\"packet_type\":\"handshake\","
        "\"version\"");
    has(line, "\"header\":{\"packet_type\":\"1RTT\",\"packet_number\":12,\"dcil\":4");
    has(line,
        "\"name\":\"security:key_updated\",\"data\":{\"key_type\":\"server_1rtt_secret\",\"generation\":1,\"trigger\":"
        "\"remote_update\"}");
    has(line, "\"name\":\"connectivity:connection_state_updated\",\"data\":{\"new\":\"handshake_complete\"}");
    has(line, "\"name\":\"connectivity:connection_closed\",\"data\":{\"owner\":\"local\",\"connection_code\":"
              "\"protocol_violation\"");
    has(line, "{\"owner\":\"local\",\"max_idle_timeout\":30000,\"stateless_reset_token\":{\"raw\":{\"length\":16}},"
              "\"disable_active_migration\":true,"
              "\"initial_source_connection_id\":\"0506\"}");
    assert_null(strstr(strstr(line, "connection_closed") + 1, "connection_closed"));
    assert_null(strstr(strstr(line, "handshake_complete") + 1, "handshake_complete"));
    assert_null(strstr(line, "736563726574")); /* "secret" */
    assert_null(strstr(line, "secretsecr"));
    assert_null(strstr(line, "6170706c")); /* "appl" */
    wt_buffer_free(&b);
}

static void test_frames(void **state)
{
    static const char *const want[] = {
        "{\"frame_type\":\"padding\",\"length\":3,\"payload_length\":3}",
        "{\"frame_type\":\"ping\"}",
        "{\"frame_type\":\"ack\",\"ack_delay\":1.234,\"acked_ranges\":[[7,9],[1,2]],\"ect1\":0,\"ect0\":4,\"ce\":1}",
        "{\"frame_type\":\"reset_stream\",\"stream_id\":4,\"error_code\":268,\"final_size\":99}",
        "{\"frame_type\":\"stop_sending\",\"stream_id\":4,\"error_code\":268}",
        "{\"frame_type\":\"crypto\",\"offset\":5,\"length\":5}",
        "{\"frame_type\":\"new_token\",\"token\":{\"raw\":{\"length\":6}}}",
        "{\"frame_type\":\"stream\",\"stream_id\":8,\"offset\":77,\"length\":11,\"fin\":true}",
        "{\"frame_type\":\"max_data\",\"maximum\":1000}",
        "{\"frame_type\":\"max_stream_data\",\"stream_id\":8,\"maximum\":2000}",
        "{\"frame_type\":\"max_streams\",\"stream_type\":\"unidirectional\",\"maximum\":3}",
        "{\"frame_type\":\"data_blocked\",\"limit\":1001}",
        "{\"frame_type\":\"stream_data_blocked\",\"stream_id\":8,\"limit\":2001}",
        "{\"frame_type\":\"streams_blocked\",\"stream_type\":\"bidirectional\",\"limit\":4}",
        ("{\"frame_type\":\"new_connection_id\",\"sequence_number\":2,\"retire_prior_to\":1,\"connection_id_length\":4,"
         "\"connection_id\":\"01020304\"}"),
        "{\"frame_type\":\"retire_connection_id\",\"sequence_number\":1}",
        "{\"frame_type\":\"path_challenge\",\"data\":\"aabbccdd01020304\"}",
        "{\"frame_type\":\"handshake_done\"}",
        "{\"frame_type\":\"datagram\",\"length\":11}",
        "{\"frame_type\":\"unknown\",\"raw_frame_type\":16962}",
    };
    struct wt_quic_packet_told p[2] = {first_packet(), first_packet()};
    struct wt_buffer b = {0};
    (void)state;
    p[1].end = true;
    const char *line = told(&b, p, 2);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        has(line, want[i]);
    wt_buffer_free(&b);
    p[0].frames = closing;
    p[0].frame_count = 1;
    line = told(&b, p, 2);
    has(line,
        "{\"frame_type\":\"connection_close\",\"error_space\":\"transport\",\"error_code\":\"protocol_violation\","
        "\"raw_error_code\":10,\"reason\":\"a \\\"reason\\\"");
    has(line, ",\"trigger_frame_type\":6}");
    wt_buffer_free(&b);
    p[0].frames = leaving;
    line = told(&b, p, 2);
    has(line, "\"error_space\":\"application\",\"error_code\":256");
    wt_buffer_free(&b);
}

/* What ends the connection as an alert; frames that came after the draft. */
static void test_codes(void **state)
{
    static const struct wt_quic_frame_told list[] = {
        {.id = "connection_close", .type = 0x1c, .error_code = 0x12a},
        {.id = "connection_close", .type = 0x1c, .error_code = 0x11},
        {.id = "ack_frequency", .type = 0xaf},
        {.id = "reset_stream_at", .type = 0x24, .stream_id = 4},
    };
    struct wt_quic_packet_told p[2] = {first_packet(), first_packet()};
    struct wt_buffer b = {0};
    (void)state;
    p[0].frames = list;
    p[0].frame_count = sizeof list / sizeof *list;
    p[1].end = true;
    const char *line = told(&b, p, 2);
    has(line, "\"error_code\":\"crypto_error_0x12a\",\"raw_error_code\":298");
    has(line, "\"error_code\":17,\"raw_error_code\":17");
    has(line, "{\"frame_type\":\"unknown\",\"raw_frame_type\":175}");
    has(line, "{\"frame_type\":\"unknown\",\"raw_frame_type\":36}");
    wt_buffer_free(&b);
}

static void test_other_packets(void **state)
{
    static const struct wt_quic_parameter_told preferred[] = {
        {.id = 0xd,
         .name = "preferred_address",
         .value = SPAN("\xc0\0\2\7\x11\x51 \1\r\xb8\0\0\0\0\0\0\0\0\0\0\0\7\0\x50\2\xab\xcdsecretsecretsecr")},
        {.id = 0x2ab2, .name = "grease_quic_bit"},
        {.id = 0xf, .name = "initial_source_connection_id"},
        {.id = 0x2ab2, .name = "grease_quic_bit", .value = SPAN("a")}, /* a key is in an object once */
    };
    static const struct wt_quic_parameter_told cut[] = {
        {.id = 0xd, .name = "preferred_address", .value = SPAN("secret")},
    };
    struct wt_quic_packet_told p[3] = {first_packet(), first_packet(), first_packet()};
    struct wt_buffer b = {0};
    (void)state;
    p[0].type = "retry";
    p[0].frame_count = 0;
    p[0].parameters = preferred;
    p[0].parameter_count = 4;
    p[1].type = "version_negotiation";
    p[1].frame_count = 0;
    p[1].parameters = cut;
    p[1].parameter_count = 1;
    p[1].opened = false;
    p[1].token = (struct wt_span){0};
    p[1].supported_versions = (struct wt_span)SPAN("\0\0\0\1\x6b\x33\x43\xcf\x0a");
    p[2].end = true;
    const char *line = told(&b, p, 3);
    has(line, "\"dcid\":\"deadbeef\"},\"retry_token\":{\"raw\":{\"length\":6}},\"raw\"");
    has(line, "\"supported_versions\":[\"00000001\",\"6b3343cf\"]");
    has(line,
        "\"preferred_address\":{\"ip_v4\":\"192.0.2.7\",\"ip_v6\":\"2001:db8::7\",\"port_v4\":4433,\"port_v6\":80,"
        "\"connection_id\":\"abcd\",\"stateless_reset_token\":{\"raw\":{\"length\":16}}}");
    has(line, "\"grease_quic_bit\":true,\"initial_source_connection_id\":\"\"");
    has(line, "\"preferred_address\":\"\"");
    assert_null(strstr(line, "736563726574")); /* "secret" */
    wt_buffer_free(&b);
}

/* Times before the first, beyond what counts, and elements by index. */
static void test_edges(void **state)
{
    struct wt_quic_packet_told p[3] = {first_packet(), first_packet(), first_packet()};
    struct wt_buffer b = {0};
    (void)state;
    p[1].time.ns = 999999999000000;
    p[2].end = true;
    has(told(&b, p, 3), "{\"time\":-1.000000,");
    wt_buffer_free(&b);
    p[0].time.ns = INT64_MIN / 2;
    p[1].time.ns = INT64_MAX / 2;
    (void)told(&b, p, 3);
    wt_buffer_free(&b);
    assert_string_equal(wt_quic_packet_frame(p, 1)->id, "ping");
    assert_null(wt_quic_packet_frame(p, p->frame_count));
    assert_int_equal(wt_quic_packet_parameter(p, 0)->number, 30000);
    assert_null(wt_quic_packet_parameter(p, p->parameter_count));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_packets),       cmocka_unit_test(test_frames), cmocka_unit_test(test_codes),
        cmocka_unit_test(test_other_packets), cmocka_unit_test(test_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
