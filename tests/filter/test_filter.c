/* Filters over hand-made stories: what is true of them, and what is said of a text that is no filter. */
#include "../report/json_samples.h"

#include "wiretale/filter.h"

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

struct row {
    const char *text;
    bool full, bare; /* of sample_full, of sample_bare */
};

static void hold(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct wt_filter *filter = compiled(rows[i].text);
        bool full = wt_filter_match(filter, &sample_full), bare = wt_filter_match(filter, &sample_bare);
        if (full != rows[i].full || bare != rows[i].bare)
            fail_msg("%s: %d, %d", rows[i].text, full, bare);
        wt_filter_free(filter);
    }
}

#define HOLD(rows) hold(rows, sizeof(rows) / sizeof *(rows))

static void wireshark_fields(void **state)
{
    static const struct row rows[] = {
        {"ip.addr==119.75.217.109 && ssl", true, false},
        {"ip.addr==119.75.217.109 && tls", true, false},
        {"tls", true, true},
        {"ssl2 or dtls or quic or udp", false, false},
        {"tcp", true, true},
        {"ip", true, false},
        {"ipv6", false, true},
        {"ip.src == 192.0.2.1", true, false},
        {"ip.dst == 192.0.2.1", true, false},
        {"ip.addr == 192.0.2.0/24", true, false},
        {"ip.addr == 192.0.2.0/31", true, false},
        {"ip.addr == 192.0.2.2/31", false, false},
        {"ip.addr == 0.0.0.0/0", true, false},
        {"ip.addr != 192.0.2.1", false, false},
        {"ip.addr !== 192.0.2.1", true, false},
        {"ip.addr ~= 192.0.2.1", true, false},
        {"ip.addr any_ne 192.0.2.1", true, false},
        {"any ip.addr != 192.0.2.1", true, false},
        {"all ip.addr == 192.0.2.1", false, false},
        {"ip.addr === 192.0.2.1", false, false},
        {"ip.addr != 192.0.2.9", true, false},
        {"!(ip.addr == 192.0.2.9)", true, true},
        {"ip.addr > 119.0.0.0", true, false},
        {"ip.addr > 192.0.2.1", false, false},
        {"ip.addr in {10.0.0.0/8, 119.75.217.100 .. 119.75.217.110}", true, false},
        {"ipv6.addr == 2001:db8::1", false, true},
        {"ipv6.addr == 2001:db8::/32", false, true},
        {"ipv6.addr == 2001:db8::8000/113", false, false},
        {"ip.proto == 6", true, false},
        {"ip.version == 6", false, true},
        {"tcp.port == 443", true, false},
        {"443 == tcp.port", true, false},
        {"tcp.port eq 0x1bb and tcp.srcport == 0673 and tcp.dstport == 0b110111011", true, false},
        {"tcp.port in {80, 443, 8080..8090}", true, false},
        {"tcp.port in {80 8443}", false, true},
        {"tcp.port not in {443}", false, true},
        {"all tcp.port > 1024", false, true},
        {"1000 < tcp.port < 60000", true, true},
        {"1 < tcp.port < 10", false, false},
        {"tcp.stream == 7", true, false},
        {"udp.port == 443", false, false},
        {"tcp.port & 1", true, true},
        {"tcp.port & 0xff == 0xbb", true, false},
        {"tcp.flags.reset == 1", true, false},
        {"tcp.flags.reset", true, false},
        {"tcp.flags.fin == true", true, false},
        {"frame.number == 9", true, false},
        {"frame.number == 8", false, false},
        {"frame.time >= \"2014-03-01\" and frame.time < \"2014-03-01T12:00:00.0071Z\"", true, true},
        {"frame.time < \"2014-03-01 13:00:00+01:00\"", false, false},
    };
    (void)state;
    HOLD(rows);
}

static void tls_fields(void **state)
{
    static const struct row rows[] = {
        {"tls.handshake", true, false},
        {"tls.handshake.type == 1", true, false},
        {"tls.handshake.type == client_hello", true, false},
        {"ssl.handshake.type == \"Client Hello\"", true, false},
        {"tls.handshake.type == hello_request", false, false},
        {"tls.handshake.type != 1", false, false},
        {"tls.handshake.type in {20, server_hello_done}", true, false},
        {"tls.handshake.extensions_server_name == \"example.com\"", true, false},
        {"tls.handshake.extensions_server_name contains \"ample\"", true, false},
        {"tls.handshake.extensions_server_name contains \"AMPLE\"", false, false},
        {"tls.handshake.extensions_server_name matches \"^EX.*\\\\.com$\"", true, false},
        {"tls.handshake.extensions_server_name matches r\"^EX.*\\.com$\"", true, false},
        {"tls.handshake.extensions_server_name ~ \"(?-i)EX\"", false, false},
        {"tls.handshake.ciphersuite == 0x1301", true, false},
        {"tls.handshake.ciphersuite == TLS_AES_128_GCM_SHA256", true, false},
        {"tls.handshake.ciphersuite == GREASE", true, false},
        {"tls.handshake.ciphersuite == TLS_RSA_WITH_NULL_MD5", false, false},
        {"tls.handshake.ciphersuite contains \"GCM\"", true, false},
        {"tls.handshake.version == 0x0303", true, false},
        {"tls.handshake.version == \"TLS 1.2\"", true, false},
        {"tls.handshake.version == 0x0301", false, false},
        {"tls.record.version == 0x0301", true, false},
        {"tls.record.content_type == 23", true, false},
        {"tls.record.content_type == application_data", true, false},
        {"tls.change_cipher_spec && tls.heartbeat_message", true, false},
        {"tls.heartbeat_message.payload_length > 1000", true, false},
        {"tls.handshake.random[0:4] == 00:01:02:03", true, false},
        {"tls.handshake.random[-1] == 1f", true, false},
        {"tls.handshake.random[1,3-4,30:] == 01.03.04.1e.1f", true, false},
        {"tls.handshake.random[0:4] == 20-21-22-23", true, false},
        {"tls.handshake.random[40] == 00", false, false},
        {"tls.handshake.random[:1] & 0x20", true, false},
        {"tls.handshake.random contains 02:03:04", true, false},
        {"tls.handshake.random contains \"\\x02\\003\\x04\"", true, false},
        {"len(tls.handshake.random) == 32", true, false},
        {"tls.handshake.session_id == aabb", true, false},
        {"tls.handshake.extension.type == 51", true, false},
        {"tls.handshake.extension.type == server_name", true, false},
        {"tls.handshake.extension.type == 0x1234", true, false},
        {"tls.handshake.extension.type == early_data", false, false},
        {"early_data == tls.handshake.extension.type", false, false},
        {"count(tls.handshake.extension.type) == 10", true, false},
        {"tls.handshake.extensions.supported_version == 0x0304", true, false},
        {"tls.handshake.extensions_alpn_str == \"http/1.1\"", true, false},
        {"tls.handshake.extensions_supported_group == x25519", true, false},
        {"tls.handshake.extensions_key_share_group == secp256r1", false, false},
        {"tls.handshake.extensions_ec_point_format == 0", true, false},
        {"tls.handshake.sig_hash_alg == 0x0401", true, false},
        {"tls.handshake.server_named_curve == secp256r1", true, false},
        {"tls.handshake.session_ticket_lifetime_hint == 7200", true, false},
        {"tls.handshake.comp_method == 0", true, false},
        {"tls.handshake.certificate", true, false},
        {"tls.alert_message", true, false},
        {"tls.alert_message.desc == unknown_ca", true, false},
        {"tls.alert_message.desc == \"Unknown CA\"", true, false},
        {"tls.alert_message.level == fatal", true, false},
        {"tls.alert_message.level == 1", false, false},
        {"tls.app_data", true, false},
        {"tls.handshake.ja3 == \"0123456789abcdef0123456789abcdef\"", true, false},
        {"ssl.handshake.ja3s && tls.handshake.ja4", true, false},
        {"x509ce.dNSName == \"www.example.com\"", true, false},
    };
    (void)state;
    HOLD(rows);
}

static void own_fields(void **state)
{
    static const struct row rows[] = {
        {"state == failed", true, false},
        {"state == Incomplete", false, true},
        {"state in {established, failed}", true, false},
        {"state != failed", false, true},
        {"protocol == tls and transport == tcp", true, true},
        {"protocol != ssl2", true, true},
        {"version == \"TLS 1.2\"", true, false},
        {"version < \"TLS 1.3\"", true, false},
        {"version matches \"1.[23]$\"", true, false},
        {"version", true, false},
        {"offered_version > version", true, false},
        {"cipher_suite == TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", true, false},
        {"cipher_suite_id == 0xc02f", true, false},
        {"cipher_suite contains \"CBC\"", false, false},
        {"lower(cipher_suite) contains \"aes_128\"", true, false},
        {"upper(sni) == \"EXAMPLE.COM\"", true, false},
        {"group == secp256r1 && signature_scheme == rsa_pkcs1_sha256", true, false},
        {"alpn == h2", true, false},
        {"resumption == ticket", true, false},
        {"early_data == rejected", true, false},
        {"starttls == smtp", true, false},
        {"client.ip == 192.0.2.1 && client.port == 50000", true, false},
        {"server.ip == 2001:db8::2", false, true},
        {"client.port > server.port", true, true},
        {"stream == 7", true, false},
        {"duration > 0.005", true, false},
        {"duration < .001", false, true},
        {"duration == 0.007", true, false},
        {"handshake_duration <= 3", true, false},
        {"start >= 2014-03-01", true, true},
        {"first_frame == 4 and last_frame == 16", true, false},
        {"missing.server > 1000", true, false},
        {"missing.client", false, false},
        {"hello_retry", true, false},
        {"hello_retry == false", false, true},
        {"reset == True", true, false},
        {"renegotiations >= 2", true, false},
        {"alerts.description == unknown_ca && alerts.from == server && alerts.code == 48", true, false},
        {"count(alerts.frame) == 2", true, false},
        {"findings.id == certificate-unknown-issuer", true, false},
        {"findings.id contains \"sni\"", true, false},
        {"findings.severity == fatal", true, false},
        {"findings.severity == error", false, false},
        {"findings.certainty == certain || findings.fault == client || !findings.noticed_by", true, true},
        {"failed_later == false", true, true},
        {"type == connection", true, true},
        {"findings.fault == between", false, false},
        {"findings.frame == 14", true, false},
        {"certificates.server.subject contains \"CN=example.com\"", true, false},
        {"certificates.server.key.bits >= 2048", true, false},
        {"certificates.server.san matches \"^www\"", true, false},
        {"certificates.server.not_after > \"2200-01-01\"", true, false},
        {"certificates.server.sha256[0:2] == ab:cd", true, false},
        {"certificates.client.length == 5", true, false},
        {"certificates.client.subject", false, false},
        {"application_data.client.bytes == 1200 && application_data.server.bytes == 0", true, false},
        {"cipher_suites_offered == 3", true, false},
        {"layers == vlan", false, false},
        {"layers == ipv4", true, false},
        {"messages.type == server_key_exchange", true, false},
        {"messages.encrypted && messages.malformed", true, false},
        {"messages.from == server", true, false},
        {"string(stream) == \"7\"", true, false},
        {"string(client.ip) matches \"^192\"", true, false},
        {"max(client.port, server.port) == 50000", true, false},
        {"min(client.port, server.port) == 443", true, false},
        {"len(sni) > 5", true, false},
        {"sni[0:7] == \"example\"", true, false},
        {"sni == \"\\x65xample\\056com\"", true, false},
        {"sni == \"example.com\" xor tls", false, true},
        {"len(sni) == '\\v'", true, false},
    };
    (void)state;
    HOLD(rows);
}

static void key_fields(void **state)
{
    static const struct row rows[] = {
        {"decryption == keylog", true, false},
        {"decryption in {dsb, rsa_key, psk, null_cipher}", false, false},
        {"not decryption", false, true},
        {"not_decrypted contains \"record 9\"", true, false},
        {"plaintext.client.bytes == 77 && plaintext.server.bytes > 1000", true, false},
        {"plaintext.server.sha256[0] == 5e", true, false},
        {"records.server.failed > 0", true, false},
        {"records.client.failed == 0", true, false},
        {"verified.server_signature == ok", true, false},
        {"verified.server_finished == bad", true, false},
        {"verified.client_finished == unknown", true, false},
        {"verified.client_signature", false, false},
        {"verified.psk_binder != bad", true, false},
        {"application == \"HTTP/1.1\"", true, false},
        {"http", true, false},
        {"http2 and http.request and http.response", true, false},
        {"http.request.method == \"GET\"", true, false},
        {"http.request.method == PUT", false, false},
        {"http.request.uri contains \"index\"", true, false},
        {"http.request.full_uri matches \"^https://example.com/index\"", true, false},
        {"http.host == example.com", true, false},
        {"http.response.code == 200", true, false},
        {"http.response.code >= 400", false, false},
        {"http.response.phrase == OK && http.content_encoding == gzip", true, false},
        {"http.content_type contains \"html\"", true, false},
        {"http.time < 0.001", true, false},
        {"http2.headers.method == GET", false, false},
        {"http2.headers.method == POST && http2.streamid == 5", true, false},
        {"http2.headers.status", false, false},
        {"http2.headers.authority == \"example.com\"", true, false},
        {"exchanges.request_bytes == 77 && exchanges.response_bytes == 1234", true, false},
        {"exchanges.pushed && exchanges.upgraded && exchanges.reset && exchanges.interim == 1", true, false},
        {"exchanges.request_time >= \"2014-03-01T12:00:00.005\"", true, false},
        {"exchanges.version == \"HTTP/2\"", true, false},
        {"exchanges.path == \"/\\xff\\x1b\"", true, false},
        {"count(exchanges.method) == 2", true, false},
    };
    (void)state;
    HOLD(rows);
}

/* What the samples have not: TCP's troubles, and the connection at a second place. */
static void tcp_keys(void **state)
{
    static const uint8_t v4[16] = {[10] = 0xff, [11] = 0xff, [12] = 192, 0, 2, 254};
    static const uint32_t same[] = {3, 9};
    static struct wt_icmp_seen icmp[] = {
        {.frame = 30, .count = 2, .type = 3, .code = 4, .about = WT_SERVER, .mtu = 1400, .ignored = 5},
        {.frame = 31, .count = 1, .type = 1, .code = 0, .v6 = true, .about = WT_CLIENT},
    };
    static const char *const held[] = {
        "tcp.connect == 0.05 && tcp.retransmission_time > 1.5",
        "tcp.round_trip.client == 0.001 && tcp.round_trip.server == 0.049",
        "tcp.hop_limit.client == 64 && !tcp.hop_limit.server",
        "tcp.retransmissions.server == 7 && !tcp.retransmissions.client",
        "tcp.unanswered.client == 4 && !tcp.unanswered.server",
        "tcp.window_closed.server == 12 && !tcp.window_closed.client",
        "tcp.silence.seconds >= 300 && tcp.silence.start == \"2014-03-01 12:00:00\"",
        "tcp.silence.frame == 40 && tcp.silence.ended_by == client",
        "tcp.reset.frame == 41 && tcp.reset.from == server",
        "tcp.reset.hop_limit == 250 && tcp.reset.data_afterwards == 42",
        "tcp.icmp.frame == 31 && tcp.icmp.sender == 192.0.2.0/24 && tcp.icmp.count == 2",
        "tcp.icmp.protocol == icmp && tcp.icmp.protocol == icmpv6",
        "tcp.icmp.type == 3 && tcp.icmp.code == 4 && count(tcp.icmp.type) == 2",
        "tcp.icmp.mtu < 1500 && count(tcp.icmp.mtu) == 1 && tcp.icmp.ignored == 5 && count(tcp.icmp.ignored) == 1",
        "tcp.icmp.about == server && tcp.icmp.about == client",
        "same_as == 9 && count(same_as) == 2",
    };
    static const char *const absent =
        "tcp.connect or tcp.retransmission_time or tcp.hop_limit.client or tcp.silence.seconds or tcp.silence.ended_by or "
        "tcp.reset.from or tcp.reset.hop_limit or tcp.reset.data_afterwards or tcp.icmp.type or same_as";
    struct wt_connection c = sample_bare;
    (void)state;
    memset(&c.tcp, 0, sizeof c.tcp);
    struct wt_filter *filter = compiled(absent);
    assert_false(wt_filter_match(filter, &c));
    wt_filter_free(filter);
    memcpy(icmp[0].sender.ip, v4, sizeof v4);
    c.same_as = same;
    c.same_count = 2;
    c.tcp = (struct wt_tcp_seen){
        .connect = 50000000, .round_trip = {1000000, 49000000}, .hop_limit = {64, 0}, .hop_limit_seen = {true, false},
        .retransmissions = {0, 7}, .retransmission_time = 1600000000, .unanswered = {4, 0}, .silence = 300000000000,
        .silence_start = {1393675200000000000}, .silence_frame = 40, .silence_by = WT_CLIENT,
        .window_closed = {0, 12000000000}, .reset_frame = 41, .reset_from = WT_SERVER, .reset_hop_limit = 250,
        .reset_answer_frame = 42, .icmp = icmp, .icmp_count = 2};
    for (size_t i = 0; i < sizeof held / sizeof *held; i++) {
        filter = compiled(held[i]);
        if (!wt_filter_match(filter, &c))
            fail_msg("%s", held[i]);
        wt_filter_free(filter);
    }
}

/* A record of TLS 1.3 that was opened: the type inside counts, as in Wireshark; the one outside is opaque_type. */
static void opened_records(void **state)
{
    static const struct {
        const char *text;
        bool is;
    } rows[] = {
        {"tls.record.content_type == handshake", true},       {"tls.record.content_type == application_data", false},
        {"tls.record.opaque_type == application_data", true}, {"messages.inner_type == handshake", true},
        {"messages.content_type == application_data", true},  {"messages.plaintext_length", false},
    };
    struct wt_message m = {.content_type = WT_CONTENT_APPLICATION_DATA, .inner_type = WT_CONTENT_HANDSHAKE,
                           .flags = WT_MESSAGE_ENCRYPTED | WT_MESSAGE_DECRYPTED, .shape = {.version = WT_TLS13}};
    struct wt_connection c = sample_bare;
    (void)state;
    c.messages = &m;
    c.message_count = 1;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct wt_filter *filter = compiled(rows[i].text);
        if (wt_filter_match(filter, &c) != rows[i].is)
            fail_msg("%s", rows[i].text);
        wt_filter_free(filter);
    }
}

static void precedence(void **state)
{
    static const struct row rows[] = {
        {"tcp || udp && udp", true, true},
        {"(tcp || udp) && udp", false, false},
        {"tcp or tcp xor tcp", true, true},
        {"tcp xor udp and udp", true, true},
        {"!udp && tcp", true, true},
        {"not tcp or tcp", true, true},
        {"not (tcp or tcp)", false, false},
        {"!!tcp", true, true},
        {"! ! ! tcp", false, false},
        {"not tcp.port == 80 and tcp", true, true},
        {"tcp&&tcp&&tcp&&udp", false, false},
        {"udp||udp||tcp", true, true},
        {"  (  ( tcp ) )\t\n", true, true},
    };
    (void)state;
    HOLD(rows);
}

static void errors(void **state)
{
    static const struct {
        const char *text;
        unsigned column, length;
        const char *says;
    } rows[] = {
        {"", 1, 0, "end of filter"},
        {"   ", 4, 0, "end of filter"},
        {"tcp.prot == 80", 1, 8, "mean \"tcp.port\""},
        {"ssl.handshake.tpye == 1", 1, 18, "mean \"tls.handshake.type\""},
        {"tcp && foobarbaz.quux", 8, 14, "unknown field \"foobarbaz.quux\""},
        {"tcp.port == ", 13, 0, "end of filter"},
        {"tcp.port = 80", 10, 1, "expected =="},
        {"tcp.port == 70000", 13, 5, "largest value is 65535"},
        {"tcp.port == -1", 13, 2, "largest value is 65535"},
        {"tcp.port == https", 13, 5, "expected a number"},
        {"tcp.port == 99999999999999999999", 13, 20, "expected a number"},
        {"tcp.port == \"x\"", 13, 3, "expected a number"},
        {"ip.addr == ::1", 12, 3, "IPv4 address"},
        {"ip.addr == 10.0.0.0/33", 12, 11, "IPv4 address"},
        {"ipv6.addr == 10.0.0.1", 14, 8, "IPv6 address"},
        {"ip.addr == example.com", 12, 11, "IPv4 address"},
        {"ip.addr contains \"1\"", 1, 7, "strings and bytes only"},
        {"sni matches abc", 13, 3, "double quotes"},
        {"sni matches \"a(b\"", 13, 5, "regular expression"},
        {"tls.handshake.type == nonsense", 23, 8, "number or a registered name"},
        {"state == established_", 10, 12, "established"},
        {"tls == 1", 1, 3, "exists or not"},
        {"tcp.port == tls", 13, 3, "exists or not"},
        {"tcp.port == sni", 13, 3, "same type"},
        {"sni == version", 1, 3, "registered name"},
        {"\"x\" == \"y\"", 1, 3, "needs a field"},
        {"1 == 2", 1, 1, "needs a field"},
        {"80", 1, 2, "unknown field"},
        {"\"abc\"", 1, 5, "not a string"},
        {"tcp and (udp or", 16, 0, "end of filter"},
        {"(tcp or udp", 12, 0, "( in column 1"},
        {"tcp)", 4, 1, "unmatched"},
        {"tcp udp", 5, 3, "expected an operator"},
        {"tcp.port in 80", 13, 2, "expected {"},
        {"tcp.port in {}", 14, 1, "expected a value"},
        {"tcp.port in {80, ", 18, 0, "expected a value"},
        {"tcp.port in {80", 16, 0, "expected }"},
        {"tcp.port in {80..}", 18, 1, "expected a value"},
        {"ip.addr in {10.0.0.0/8 .. 10.0.0.1}", 13, 10, "range"},
        {"sni == \"abc", 8, 1, "unterminated"},
        {"sni == \"a\\q\"", 10, 2, "escape"},
        {"sni == \"a\\xzz\"", 10, 2, "escape"},
        {"tcp | udp", 5, 1, "expected ||"},
        {"tcp # 1", 5, 1, "unexpected character"},
        {"len(tcp.port) > 1", 5, 8, "does not accept"},
        {"len(sni", 8, 0, "expected )"},
        {"len(sni, sni) == 1", 13, 1, "one argument"},
        {"sni[x] == \"a\"", 5, 1, "offset"},
        {"sni[0:1 == \"a\"", 9, 1, "expected ]"},
        {"sni[:", 6, 0, "offset"},
        {"tcp.port[0] == 1", 1, 8, "sliced"},
        {"frame.time > yesterday", 14, 9, "a time"},
        {"frame.time > \"2014-13-01\"", 14, 12, "a time"},
        {"duration > fast", 12, 4, "seconds"},
        {"hello_retry == maybe", 16, 5, "true, false"},
        {"tls.handshake.random == xyz", 25, 3, "bytes"},
        {"any tcp", 8, 0, "comparison after"},
        {"tcp not udp", 9, 3, "expected \"in\""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct wt_filter_error e;
        struct wt_filter *filter = wt_filter_compile(rows[i].text, &e);
        if (filter || e.column != rows[i].column || e.length != rows[i].length || !strstr(e.message, rows[i].says))
            fail_msg("%s: %s column %u, %u bytes: %s", rows[i].text, filter ? "accepted" : "refused", e.column,
                     e.length, filter ? "" : e.message);
    }
}

static void needs(void **state)
{
    static const struct {
        const char *text;
        bool messages, application;
    } rows[] = {
        {"ip.addr==119.75.217.109 && ssl", false, false},
        {"tls.handshake.extensions_server_name == \"a\"", false, false},
        {"tls.alert_message.desc == 48 or tls.handshake.ja3", false, false},
        {"state == failed and certificates.server.key.bits < 2048", false, false},
        {"decryption == keylog && plaintext.client.bytes > 1", false, false},
        {"verified.server_signature == bad", false, false},
        {"tls.handshake.type == 1", true, false},
        {"tcp || len(tls.handshake.random) == 1", true, false},
        {"frame.number == 1", true, false},
        {"http.request.method == GET", false, true},
        {"tls || lower(http.host) contains \"a\"", false, true},
        {"application", false, true},
        {"http2 && tls.handshake.type == 1", true, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct wt_filter *filter = compiled(rows[i].text);
        if (wt_filter_needs_messages(filter) != rows[i].messages ||
            wt_filter_needs_application(filter) != rows[i].application)
            fail_msg("%s", rows[i].text);
        wt_filter_free(filter);
    }
}

static void every_field(void **state)
{
    const char *name, *type, *text;
    static const char *const types[] = {"string", "number", "address", "bytes", "boolean", "time"};
    (void)state;
    for (size_t i = 0; wt_filter_field(i, &name, &type, &text); i++) {
        struct wt_filter *filter = compiled(name);
        bool known = false;
        (void)wt_filter_match(filter, &sample_full);
        (void)wt_filter_match(filter, &sample_bare);
        wt_filter_free(filter);
        for (size_t k = 0; k < sizeof types / sizeof *types; k++)
            known = known || strcmp(type, types[k]) == 0;
        assert_true(known && *text);
        const char *other;
        for (size_t k = 0; k < i && wt_filter_field(k, &other, &type, &text); k++)
            assert_string_not_equal(name, other);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wireshark_fields), cmocka_unit_test(tls_fields), cmocka_unit_test(own_fields),
        cmocka_unit_test(key_fields),       cmocka_unit_test(tcp_keys),   cmocka_unit_test(precedence),
        cmocka_unit_test(opened_records),   cmocka_unit_test(errors),     cmocka_unit_test(needs),
        cmocka_unit_test(every_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
