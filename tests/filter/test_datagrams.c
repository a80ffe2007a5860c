/* Filters over what is told of connections over UDP, and of HTTP/3 inside. */
#include "../report/json_samples.h"

#include "wiretale/dtls.h"
#include "wiretale/filter.h"
#include "wiretale/quic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdlib.h>

static struct wt_filter *compiled(const char *text)
{
    struct wt_filter_error error;
    struct wt_filter *filter = wt_filter_compile(text, &error);
    if (!filter)
        fail_msg("%s: column %u: %s", text, error.column, error.message);
    return filter;
}

/* HTTP/3, of which 0 is the first stream. */
static void http3_fields(void **state)
{
    static const struct {
        const char *text;
        bool matches;
    } rows[] = {
        {"http && http3", true},
        {"http2 || http2.streamid || http2.headers.method", false},
        {"http3.headers.method == GET && http3.headers.path == \"/3\" && http3.headers.status == 200", true},
        {"http3.headers.authority == a.example && http3.headers.scheme == https", true},
        {"http3.headers.content_type contains \"html\"", true},
        {"exchanges.stream == 0 && exchanges.version == \"HTTP/3\"", true},
    };
    static const struct wt_exchange exchange = {.request_frame = 1, .response_frame = 2, .version = 30,
                                                .method = SAMPLE_SAID("GET"), .scheme = SAMPLE_SAID("https"),
                                                .authority = SAMPLE_SAID("a.example"), .path = SAMPLE_SAID("/3"),
                                                .status = 200, .content_type = SAMPLE_SAID("text/html")};
    struct wt_connection c = sample_full;
    (void)state;
    c.exchanges = &exchange;
    c.exchange_count = 1;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct wt_filter *filter = compiled(rows[i].text);
        if (wt_filter_match(filter, &c) != rows[i].matches)
            fail_msg("%s", rows[i].text);
        wt_filter_free(filter);
    }
}

#define COUNTS(list) {list, sizeof(list) / sizeof *(list)}

static void quic_fields(void **state)
{
    static const char *const rows[] = {
        "quic && udp && quic.version == 1 && quic.version == 0x6b3343cf && quic.versions_tried == 1",
        "quic.supported_version == 0xff00001d && quic.version_negotiation == 0xff00001d",
        "quic.dcid == 01:02 && quic.scid == 03 && quic.scid == 04 && quic.client_scid == 03 && quic.server_scid == 04",
        "quic.retry && quic.early_data && quic.offloaded == 7 && quic.stateless_reset == 99",
        "quic.frame_type == \"stream\" && quic.frame_type == 8 && quic.frame_type == crypto && !(quic.frame_type == ping)",
        "quic.long.packet_type == 0 && quic.long.packet_type == 2 && !(quic.long.packet_type == 3)",
        "quic.packets.client == 5 && quic.packets.server == 4 && quic.opened.client == 5 && !quic.opened.server",
        "quic.key_updates.client == 2 && quic.key_updates.server == 0",
        "quic.idle_timeout.client == 30 && !quic.idle_timeout.server",
        "quic.stream_bytes.client == 10 && quic.stream_bytes.server == 20",
        "quic.datagram_bytes.client == 0 && quic.datagram_bytes.server == 6",
        "quic.cc.error_code == 10 && quic.cc.error_code == PROTOCOL_VIOLATION && quic.cc.error_code.app == H3_NO_ERROR",
        "quic.cc.reason_phrase == why && quic.close.reason == why && quic.close.code == 256 && quic.close.frame == 12",
        "quic.close.from == server && quic.close.layer == \"application\" && quic.close.name == H3_NO_ERROR",
    };
    static const uint32_t tried[] = {0x6b3343cf, 1}, offered[] = {0xff00001d};
    static const struct wt_quic_count packets[] = {{"initial", 2}, {"handshake", 2}, {"1rtt", 1}}, few[] = {{"1rtt", 4}};
    static const struct wt_quic_count frames[] = {{"crypto", 1}, {"stream", 9}};
    static const struct wt_quic_close_seen closes[] = {
        {.frame = 11, .from = WT_CLIENT, .code = 10, .name = "PROTOCOL_VIOLATION", .reason = SAMPLE_SAID("why")},
        {.frame = 12, .from = WT_SERVER, .application = true, .code = 256, .name = "H3_NO_ERROR"}};
    static const struct wt_quic_story story = {
        .version = 1, .versions_tried = tried, .versions_tried_count = 2, .versions_offered = offered,
        .versions_offered_count = 1, .dcid = SAMPLE_SAID("\1\2"), .client_scid = SAMPLE_SAID("\3"),
        .server_scid = SAMPLE_SAID("\4"), .has_client = true, .retry = true, .early_data = true,
        .packets = {COUNTS(packets), COUNTS(few)}, .opened = {COUNTS(packets)}, .frames = {COUNTS(frames)},
        .key_updates = {2, 0}, .closes = closes, .close_count = 2, .stream_bytes = {10, 20}, .datagram_bytes = {0, 6},
        .offloaded = 7, .idle_timeout = {30000000000}, .reset_frame = 99};
    struct wt_connection c = sample_full;
    (void)state;
    c.protocol = WT_PROTOCOL_QUIC;
    c.quic = &story;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct wt_filter *filter = compiled(rows[i]);
        if (!wt_filter_match(filter, &c) || wt_filter_match(filter, &sample_full))
            fail_msg("%s", rows[i]);
        wt_filter_free(filter);
    }
}

static void dtls_fields(void **state)
{
    static const char *const rows[] = {
        "dtls && dtls.records == 9 && dtls.fragments == 3 && dtls.retransmissions == 2 && dtls.replays == 1",
        "dtls.cookie == aa:bb && dtls.handshake.cookie == aa:bb && dtls.moves == 4 && dtls.inside == CoAP",
        "dtls.client_cid == 01 && dtls.server_cid == 02 && dtls.record.connection_id == 01 && dtls.record.connection_id == 02",
        "dtls.srtp_profile == 1 && dtls.use_srtp.protection_profile == 1",
        "dtls.shared_port.stun == 5 && dtls.shared_port.other == 6 && !dtls.shared_port.zrtp",
        "dtls.record.content_type == 22 && dtls.record.length == 100 && dtls.record.epoch == 1",
        "dtls.record.sequence_number == 0",
    };
    static const struct wt_dtls_record_seen records[] = {
        {.epoch = 1, .sequence = 0, .length = 100, .type = 22, .opened = true, .numbered = true}, {.length = 5}};
    static const struct wt_dtls_story story = {
        .records = 9, .fragments = 3, .retransmissions = 2, .replays = 1, .cookie = SAMPLE_SAID("\xaa\xbb"),
        .has_client_cid = true, .has_server_cid = true, .client_cid = SAMPLE_SAID("\1"),
        .server_cid = SAMPLE_SAID("\2"), .moves = 4, .srtp_profile = 1, .inside = "CoAP",
        .shared = {[WT_DTLS_STUN] = 5, [WT_DTLS_OTHER] = 6}, .list = records, .list_count = 2};
    struct wt_connection c = sample_full;
    (void)state;
    c.protocol = WT_PROTOCOL_DTLS;
    c.dtls = &story;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct wt_filter *filter = compiled(rows[i]);
        if (!wt_filter_match(filter, &c) || wt_filter_match(filter, &sample_full))
            fail_msg("%s", rows[i]);
        wt_filter_free(filter);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(http3_fields), cmocka_unit_test(quic_fields), cmocka_unit_test(dtls_fields)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
