/* The text report: what it says, what it never lets through, and how wide it grows. */
#include "keyed_samples.h"

#include "report/term.h"

typedef struct story *maker(void);

static maker *const makers[] = {story_tls12_full, story_tls13_retry, story_hostile,
                                story_ssl2,       story_tls12_keys,  story_tls13_keys};

static const struct wt_text_options wide = {.size = sizeof wide, .columns = 200};

static void full_handshake(void **state)
{
    struct story *s = story_tls12_full();
    char *text = story_print(s, wide);
    (void)state;
    has(text, "stream 7   192.0.2.10:51034 → 192.0.2.80:443   www.example.com\n");
    has(text, "TLS 1.2, established in 61.3 ms, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, secp256r1, h2\n");
    has(text, "offers TLS 1.2, 4 suites, SNI www.example.com");
    has(text, "selects TLS 1.2, ECDHE_RSA with AES_128_GCM_SHA256");
    has(text, "2 certificates: www.example.com, RSA 2048, expires 2018-08-17");
    has(text, "stapled OCSP response, 5 bytes");
    has(text, "ephemeral secp256r1 key, signed with rsa_pss_rsae_sha256");
    has(text, "client's public key, 65 bytes");
    has(text, "48-byte ticket, lifetime 300 s");
    has(text, "Finished (inferred from position)");
    has(text, "3 records, 1.2 kB");
    has(text, "12 records, 16.2 kB");
    has(text, "encrypted Alert");
    has(text, "closed by both sides");
    has(text, "CN=www.example.com,O=Example\\, Inc.\n");
    has(text, ", 1 more\n");
    free(text);
    story_free(s);
}

/* A name of the leaf is not the premaster: RSA's box is never told as a share. */
static void rsa_is_no_share(void **state)
{
    struct story *s = story_tls12_full();
    struct wt_message *m = &s->messages[6];
    (void)state;
    free(s->bodies[6]);
    size_t count = s->c.message_count;
    s->c.message_count = 6;
    m->body = story_hex(s, SAMPLE_RSA_KEY_EXCHANGE);
    s->c.message_count = count;
    m->shape.kx = WT_KX_RSA;
    char *text = story_print(s, wide);
    has(text, "premaster secret encrypted with the server's RSA key, 256 bytes");
    lacks(text, "public key,");
    free(text);
    story_free(s);
}

/* Only the first handshake record behind a ChangeCipherSpec must be Finished (RFC 5246, 7.4.9). */
static void finished_by_place_alone(void **state)
{
    struct story *s = story_tls12_full();
    char *text, *first;
    (void)state;
    story_add(s, 41, WT_CLIENT, WT_CONTENT_HANDSHAKE, 0, WT_MESSAGE_ENCRYPTED, NULL);
    text = story_print(s, wide);
    first = strstr(text, "Finished (inferred from position)");
    assert_non_null(first);
    first = strstr(first + 1, "Finished (inferred from position)");
    assert_non_null(first);
    assert_null(strstr(first + 1, "Finished (inferred from position)"));
    /* behind both Finished only a renegotiation passes as handshake records */
    has(first, "encrypted: part of a renegotiation");
    free(text);
    story_free(s);
}

/* A capture that lost the ServerHello does not know the suite: what depends on it is not told. */
static void unknown_suite_is_not_guessed(void **state)
{
    struct story *s = story_tls12_full();
    (void)state;
    s->messages[4].shape.kx = s->messages[6].shape.kx = 0;
    char *text = story_print(s, wide);
    has(text, "bytes, format unknown (cipher suite not known)");
    lacks(text, "not signed");
    lacks(text, "public key,");
    free(text);
    text = story_print(s, (struct wt_text_options){.columns = 200, .explain = true});
    lacks(text, "Nothing here is signed");
    free(text);
    story_free(s);
}

static void late_captures_claim_no_times(void **state)
{
    struct story *s = story_tls12_full();
    (void)state;
    s->c.client_hello_seen = false;
    char *text = story_print(s, wide);
    has(text, "TLS 1.2, established, TLS_ECDHE");
    free(text);
    story_free(s);
}

static void tls13_without_keys(void **state)
{
    struct story *s = story_tls13_retry();
    char *text = story_print(s, wide);
    (void)state;
    has(text, "HelloRetryRequest");
    has(text, "requests a new ClientHello, with a key share for secp256r1");
    has(text, "4 records, 2.0 kB, encrypted: EncryptedExtensions … Finished");
    has(text, "middlebox compatibility only");
    has(text, "extra round trip (HelloRetryRequest)");
    lacks(text, "Finished (inferred from position)");
    free(text);
    story_free(s);
}

/* Many turns of data are summed up in one row between the first and the last. */
static void long_talks_stay_calm(void **state)
{
    struct story *s = story_tls12_full();
    size_t lines = 0;
    (void)state;
    for (uint32_t i = 0; s->c.message_count < STORY_MESSAGES; i++)
        story_data(s, 100 + i, i % 2 ? WT_SERVER : WT_CLIENT, 100);
    char *text = story_print(s, wide);
    has(text, "more data in both directions");
    for (const char *p = text; (p = strstr(p, "application data ─")) || (p = NULL); p++)
        lines++;
    assert_true(lines <= 6);
    free(text);
    story_free(s);
}

static void failure_and_findings(void **state)
{
    struct story *s = story_hostile();
    char *text = story_print(s, wide);
    (void)state;
    has(text, "failed: server sent alert handshake_failure");
    has(text, "fatal handshake_failure: no acceptable set of parameters");
    has(text, "The sides share no cipher suite. (packet 5)");
    has(text, "→ Let both offer one in common.");
    has(text, "cause: no-shared-cipher-suite (probably incompatible settings, detected by the server)\n");
    free(text);
    s->findings[1].text = "The server ends it (alert handshake_failure (packet 5)).";
    text = story_print(s, wide);
    assert_null(strstr(strstr(text, "(packet 5)") + 1, "(packet 5)")); /* once is enough */
    s->findings[1].text = "The sides share no cipher suite.";
    free(text);
    text = story_print(s, wide);
    assert_true(strstr(text, "The sides share") < strstr(text, "ClientHello ")); /* the cause stands at the head */
    free(text);
    story_free(s);
}

static bool is_clean(const char *text, bool color)
{
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        if (*p == '\n')
            continue;
        if (color && *p == 0x1b)
            continue;
        if (*p < 0x20 || *p == 0x7f || (*p == 0xc2 && p[1] < 0xa0))
            return false;
        if (*p == 0xe2 && p[1] == 0x80 && p[2] >= 0xaa && p[2] <= 0xae)
            return false;
    }
    return true;
}

static void hostile_bytes_are_escaped(void **state)
{
    (void)state;
    for (unsigned explain = 0; explain < 2; explain++)
        for (unsigned ascii = 0; ascii < 2; ascii++) {
            struct story *s = story_hostile();
            char *text = story_print(
                s, (struct wt_text_options){.columns = 140, .explain = explain, .bytes = explain, .ascii = ascii});
            assert_true(is_clean(text, false));
            has(text, "\\x1b[31mred");
            has(text, "\\xe2\\x80\\xaegnp.exe\\xff");
            free(text);
            story_free(s);
        }
}

static void escaping(void **state)
{
    char room[256];
    (void)state;
#define ESCAPED(wire, columns, flags)                                                                                  \
    wt_escape_into(room, sizeof room, wt_span_of(wire, sizeof(wire) - 1), columns, flags)
    assert_string_equal(ESCAPED("plain.example", 40, 0), "plain.example");
    assert_string_equal(ESCAPED("a\tb\r\n\0c", 40, 0), "a\\x09b\\x0d\\x0a\\x00c");
    assert_string_equal(ESCAPED("a\\b", 40, 0), "a\\\\b");
    assert_string_equal(ESCAPED("a\\b", 40, WT_ESCAPE_STRING), "a\\b");
    assert_string_equal(ESCAPED("\xe4\xbe\x8b.\xe6\xb5\x8b", 40, 0), "例.测");
    assert_string_equal(ESCAPED("\xe4\xbe\x8b", 40, WT_ESCAPE_ASCII), "\\u{4f8b}");
    /* overlong, a surrogate, a cut sequence, beyond Unicode: RFC 3629, 4 */
    assert_string_equal(ESCAPED("\xc0\xaf", 40, 0), "\\xc0\\xaf");
    assert_string_equal(ESCAPED("\xed\xa0\x80", 40, 0), "\\xed\\xa0\\x80");
    assert_string_equal(ESCAPED("\xe4\xbe", 40, 0), "\\xe4\\xbe");
    assert_string_equal(ESCAPED("\xf4\x90\x80\x80", 40, 0), "\\xf4\\x90\\x80\\x80");
    assert_string_equal(ESCAPED("\xef\xbb\xbfx\xe2\x80\x8b", 40, 0), "\\xef\\xbb\\xbfx\\xe2\\x80\\x8b");
    assert_string_equal(ESCAPED("e\xcc\x81", 40, 0), "e\xcc\x81");
    assert_string_equal(ESCAPED("\xcc\x81\x65", 40, 0), "\\xcc\\x81e");
    assert_string_equal(ESCAPED("abcdefghie\xcc\x81", 10, 0), "abcdefghie\xcc\x81"); /* it takes no column */
    assert_string_equal(ESCAPED("abcdefghij", 10, 0), "abcdefghij");
    assert_string_equal(ESCAPED("abcdefghijk", 10, 0), "abcdefghi…");
    assert_string_equal(ESCAPED("abcdefghijk", 10, WT_ESCAPE_ASCII), "abcdefg...");
    /* no escape is cut in two */
    assert_string_equal(ESCAPED("abcdefgh\x01\x02", 10, 0), "abcdefgh…");
#undef ESCAPED
}

/* Whatever comes in runs: the text is the whole if it fits, else as many characters as leave room for the dots. */
static void shortening(void **state)
{
    static const struct {
        const char *wire, *shown;
        unsigned width;
    } characters[] = {{"a", "a", 1},        {"b", "b", 1},   {" ", " ", 1},        {"~", "~", 1}, {"\\", "\\\\", 2},
                      {"\x01", "\\x01", 4}, {"例", "例", 2}, {"\xff", "\\xff", 4}, {"é", "é", 1}, {"\x7f", "\\x7f", 4}};
    srand(1);
    (void)state;
    for (unsigned round = 0; round < 20000; round++) {
        char wire[64] = "", whole[128] = "", cut[160] = "";
        unsigned columns = (unsigned)rand() % 20 + 1, used = 0, count = (unsigned)rand() % 12;
        bool fits = true;
        for (unsigned i = 0; i < count; i++) {
            /* more of the plain ones, in runs */
            unsigned c = (unsigned)rand() % 20 < 14 ? (unsigned)rand() % 4 : (unsigned)rand() % 10;
            strcat(wire, characters[c].wire);
            strcat(whole, characters[c].shown);
            used += characters[c].width;
            if (used + 1 <= columns)
                strcpy(cut, whole);
            fits = used <= columns;
        }
        struct wt_buffer b = {0};
        wt_escape(&b, wt_span_text(wire), columns, 0);
        assert_string_equal((const char *)b.p, fits ? whole : strcat(cut, "…"));
        wt_buffer_free(&b);
    }
}

/* What is not shortened is written in another way, several bytes at a time: the same comes out. */
static void whole_as_cut(void **state)
{
    static const char *const pieces[] = {"text",         "\\",
                                         "\x01",         "\xff",
                                         "\xc3",         "é",
                                         "例",           "e\xcc\x81",
                                         "\xe2\x80\x8d", "🔒",
                                         "\xd7\x90",     "\xe2\x80\xae",
                                         "\xf0\x9f",     "0123456789abcdef0123456789abcdef"};
    static char wire[16384];
    srand(2);
    (void)state;
    for (unsigned round = 0; round < 400; round++) {
        const size_t least = round % 8 ? (size_t)rand() % 100 : 5000; /* more than is written at once */
        const unsigned flags = round & 1 ? WT_ESCAPE_ASCII : 0;
        size_t n = 0;
        while (n < least) {
            const char *piece = pieces[(unsigned)rand() % (sizeof pieces / sizeof *pieces)];
            const size_t length = strlen(piece);
            memcpy(wire + n, piece, length);
            n += length;
        }
        struct wt_buffer whole = {0}, cut = {0};
        wt_escape(&whole, wt_span_of(wire, n), WT_TERM_ENDLESS, flags);
        wt_escape(&cut, wt_span_of(wire, n), WT_TERM_ENDLESS - 1, flags);
        assert_string_equal((const char *)whole.p, (const char *)cut.p);
        assert_int_equal(whole.n, cut.n);
        wt_buffer_free(&whole);
        wt_buffer_free(&cut);
    }
}

static void widths(void **state)
{
    (void)state;
    assert_int_equal(wt_width("abc"), 3);
    assert_int_equal(wt_width("握手协议"), 8);
    assert_int_equal(wt_width("→──▶"), 4);
    assert_int_equal(wt_width("e\xcc\x81"), 1);
    assert_int_equal(wt_width("🔒"), 2);
    uint32_t last = 0;
    static const struct {
        uint32_t first, last;
    } ranges[] = {
#define WT_WIDTH(first, last, columns) {first, last},
#include "base/utf8_width.def"
#undef WT_WIDTH
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        assert_true(ranges[i].first > last && ranges[i].last >= ranges[i].first);
        last = ranges[i].last;
    }
}

static void nothing_is_wider_than_the_terminal(void **state)
{
    static const unsigned sizes[] = {60, 80, 100, 140, 250};
    (void)state;
    for (size_t i = 0; i < sizeof makers / sizeof *makers; i++)
        for (size_t j = 0; j < sizeof sizes / sizeof *sizes; j++)
            for (unsigned how = 0; how < 8; how++) {
                struct story *s = makers[i]();
                struct wt_text_options options = {.size = sizeof options,
                                                  .columns = sizes[j],
                                                  .explain = how & 1,
                                                  .bytes = how & 1,
                                                  .color = how & 2,
                                                  .ascii = how & 4,
                                                  .secrets = true,
                                                  .record = 3,
                                                  .record_side = WT_SERVER};
                char *text = story_print(s, options);
                struct printed line = {NULL, 0};
                struct wt_output output = {printed_write, &line, false};
                fits(text, sizes[j]);
                wt_report_text_line(&output, &s->c, &options);
                fits(line.text, sizes[j]);
                free(line.text);
                free(text);
                story_free(s);
            }
}

static void colour_only_when_asked(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof makers / sizeof *makers; i++) {
        struct story *s = makers[i]();
        char *text = story_print(s, (struct wt_text_options){.columns = 100, .explain = true});
        lacks(text, "\033");
        free(text);
        text = story_print(s, (struct wt_text_options){.columns = 100, .explain = true, .color = true});
        has(text, "\033[");
        assert_true(is_clean(text, true));
        free(text);
        story_free(s);
    }
}

static void ascii_is_ascii(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof makers / sizeof *makers; i++) {
        struct story *s = makers[i]();
        char *text = story_print(
            s, (struct wt_text_options){.columns = 100, .explain = true, .ascii = true, .secrets = true, .record = 1});
        for (const char *p = text; *p; p++)
            assert_true((unsigned char)*p < 0x80);
        has(text, " ---");
        /* no sign of ours is without an ASCII form */
        lacks(text, " ? ");
        free(text);
        story_free(s);
    }
}

/* Columns stay put from connection to connection: the server's address begins in the same column. */
static void lines_are_steady(void **state)
{
    static const unsigned sizes[] = {110, 132, 148};
    (void)state;
    for (size_t j = 0; j < 3; j++) {
        size_t at = 0;
        for (size_t i = 0; i < sizeof makers / sizeof *makers; i++) {
            struct story *s = makers[i]();
            s->c.stream = (uint32_t)(i * 997);
            char *text = line_of(s, sizes[j]);
            char *found = strstr(text, "192.0.2.80:443");
            assert_non_null(found);
            *found = 0;
            if (i)
                assert_int_equal(wt_width(text), at);
            at = wt_width(text);
            free(text);
            story_free(s);
        }
    }
}

/* Without an alert: how it ended, or that it has not. */
static void failures_tell_their_end(void **state)
{
    static const struct {
        bool fin, reset;
        const char *told;
    } rows[] = {{false, false, "failed: the handshake stalled"},
                {true, false, "failed: closed during the handshake without an alert"},
                {false, true, "failed: reset during the handshake"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct story *s = story_hostile();
        s->c.alert_count = 0;
        s->c.client_hello_seen = true;
        s->c.fin[WT_CLIENT] = rows[i].fin;
        s->c.fin[WT_SERVER] = false;
        s->c.reset = rows[i].reset;
        char *text = story_print(s, wide);
        has(text, rows[i].told);
        free(text);
        story_free(s);
    }
}

static void lines_tell_the_cause(void **state)
{
    struct story *s = story_hostile();
    char *text;
    (void)state;
    s->c.sni = (struct wt_span){(const uint8_t *)"www.example.com", 15};
    text = line_of(s, 80);
    has(text, "failed");
    has(text, "www.example.com");
    has(text, " no-shared-cipher-suite\n");  /* the root cause by its id */
    assert_null(strstr(text, "192.0.2.80")); /* at 80 columns the name has the address's place */
    free(text);
    s->c.finding_count = 0;
    text = line_of(s, 80);
    has(text, " handshake_failure\n"); /* without one, what was seen last */
    free(text);
    story_free(s);
}

static void summary(void **state)
{
    static const struct wt_undecoded undecoded[] = {
        {"packet_truncated", 3}, {"link_type_unknown", 0}, {"something_new", 7}};
    struct wt_summary s = {.files = 1, .packets = 42, .connections = 1, .established = 1};
    struct wt_text_options options = {.size = sizeof options, .columns = 80};
    struct printed p = {NULL, 0, 0};
    struct wt_output output = {printed_write, &p, false};
    (void)state;
    wt_report_text_summary(&output, "article.pcapng", &s, &options);
    assert_string_equal(p.text, "article.pcapng: 42 packets, 1 TLS connection\n");
    p.n = 0;
    s.udp_packets = 20; /* beside TLS over TCP it would be noise: there is DNS everywhere */
    s.udp_bytes = 24000;
    s.udp_conversations = 1;
    wt_report_text_summary(&output, "article.pcapng", &s, &options);
    assert_string_equal(p.text, "article.pcapng: 42 packets, 1 TLS connection\n");
    p.n = 0;
    s.connections = s.established = 0;
    wt_report_text_summary(&output, "quic.pcap", &s, &options);
    assert_string_equal(p.text, "quic.pcap: 42 packets, 0 TLS connections\n"
                                "1 UDP conversation (packets: 20, payload bytes: 24000) was counted: no QUIC or\n"
                                "DTLS was found in it.\n");
    p.n = 0;
    s.connections = 10;
    s.failed = 2;
    s.established = 8;
    s.undecoded = undecoded;
    s.undecoded_count = 3;
    wt_report_text_summary(&output, "a\033b", &s, &options);
    has(p.text, "a\\x1bb: 42 packets, 10 TLS connections (8 established, 2 failed, 0 incomplete)\n");
    has(p.text, "not decoded: truncated packets 3, something new 7\n");
    free(p.text);
}

/* Where no TLS was found, or half of a connection is not there, the largest buckets and what to do about them. */
static void account(void **state)
{
    static const struct wt_undecoded buckets[] = {{"wlan_protected", 900},  {"tls", 40}, {"ethertype_0x88b5", 30},
                                                  {"ethertype_0x88cc", 20}, {"tcp", 5},  {"cut", 4},
                                                  {"macsec_encrypted", 3},  {"icmp", 2}};
    static const struct wt_undecoded guess = {"ethertype_0x88b5", 10};
    struct wt_summary s = {.files = 1, .packets = 1004, .account = buckets, .account_count = 8};
    struct wt_text_options options = {.size = sizeof options, .columns = 100};
    struct printed p = {NULL, 0, 0};
    struct wt_output output = {printed_write, &p, false};
    (void)state;
    wt_report_text_summary(&output, "a", &s, &options);
    has(p.text,
        "No TLS was found. Packets, by what they are:\n      900  encrypted WLAN frames: decrypt the WLAN first");
    has(p.text, "\n       30  ethertype 0x88b5: ");
    has(p.text, "\n       20  LLDP (ethertype 0x88cc)\n");
    has(p.text, "\n        5  TCP in which no TLS was found\n");
    has(p.text, "tcpdump -s 0\n        3  encrypted MACsec");
    lacks(p.text, "ICMP"); /* no more than six */
    p.n = 0;
    s.connections = s.one_sided = 1;
    wt_report_text_summary(&output, "a", &s, &options);
    has(p.text, "One direction of a connection is missing.");
    has(p.text, "        2  ICMP\n"); /* in place of TCP */
    p.n = 0;
    s.one_sided = 0; /* all is there: what may hide more is named, and nothing else */
    wt_report_text_summary(&output, "a", &s, &options);
    has(p.text, "not decoded: encrypted WLAN frames 900, ethertype 0x88b5 30, encrypted MACsec 3\n");
    p.n = 0;
    s.account_count = 0;
    s.undecoded = &guess;
    s.undecoded_count = 1;
    wt_report_text_summary(&output, "a", &s, &options);
    has(p.text, "Ethertype 0x88b5 (packets: 10) is not known. An IP header that adds up was found after it");
    lacks(p.text, "not decoded");
    free(p.text);
}

static bool refuse(void *context, const char *bytes, size_t length)
{
    ++*(unsigned *)context;
    (void)bytes;
    (void)length;
    return false;
}

/* A closed pipe ends the output at once. */
static void a_failed_write_sticks(void **state)
{
    struct story *s = story_tls12_full();
    unsigned calls = 0;
    struct wt_output output = {refuse, &calls, false};
    (void)state;
    wt_report_text_story(
        &output, &s->c,
        &(struct wt_text_options){.size = sizeof(struct wt_text_options), .columns = 80, .explain = true});
    assert_true(output.failed);
    assert_int_equal(calls, 1);
    story_free(s);
}

static void wrapping_chinese(void **state)
{
    struct printed p = {NULL, 0, 0};
    struct wt_output output = {printed_write, &p, false};
    struct wt_term t;
    (void)state;
    wt_term_start(&t, &output, &(struct wt_text_options){.size = sizeof(struct wt_text_options), .columns = 60});
    wt_term_paragraph(&t, 4, 20, "记录协议把数据分段，加上验证码，再加密。");
    wt_term_free(&t);
    assert_string_equal(p.text, "    记录协议把数据分\n    段，加上验证码，\n    再加密。\n");
    free(p.text);
    p = (struct printed){NULL, 0};
    wt_term_start(&t, &output, &(struct wt_text_options){.size = sizeof(struct wt_text_options), .columns = 60});
    wt_term_paragraph(&t, 0, 12, "服务器信任（nginx：“证书”）的文件"); /* no bracket ends a line, none begins one */
    wt_term_free(&t);
    assert_string_equal(p.text, "服务器信任\n（nginx：“证\n书”）的文件\n");
    free(p.text);
    p = (struct printed){NULL, 0};
    wt_term_start(&t, &output, &(struct wt_text_options){.columns = 60});
    wt_term_paragraph(&t, 0, 13, "签名算法，✓\u00a0签名验证通过"); /* the mark stays with the word after it */
    wt_term_free(&t);
    assert_string_equal(p.text, "签名算法，\n✓\u00a0签名验证通\n过\n");
    free(p.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(full_handshake),
        cmocka_unit_test(whole_as_cut),
        cmocka_unit_test(rsa_is_no_share),
        cmocka_unit_test(failures_tell_their_end),
        cmocka_unit_test(finished_by_place_alone),
        cmocka_unit_test(unknown_suite_is_not_guessed),
        cmocka_unit_test(late_captures_claim_no_times),
        cmocka_unit_test(tls13_without_keys),
        cmocka_unit_test(long_talks_stay_calm),
        cmocka_unit_test(failure_and_findings),
        cmocka_unit_test(hostile_bytes_are_escaped),
        cmocka_unit_test(escaping),
        cmocka_unit_test(shortening),
        cmocka_unit_test(widths),
        cmocka_unit_test(nothing_is_wider_than_the_terminal),
        cmocka_unit_test(colour_only_when_asked),
        cmocka_unit_test(ascii_is_ascii),
        cmocka_unit_test(lines_are_steady),
        cmocka_unit_test(lines_tell_the_cause),
        cmocka_unit_test(summary),
        cmocka_unit_test(account),
        cmocka_unit_test(a_failed_write_sticks),
        cmocka_unit_test(wrapping_chinese),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
