/* Early data (RFC 8446, 4.2.10 and 8): taken once, skipped, sent again. */
#include "endpoint/early.h"
#include "pair.h"

#include <stdlib.h>
#include <string.h>

static const char text[] = "GET /early HTTP/1.0\r\n\r\n";

/* Everything that the client has sent, for who sends it again. */
struct recorded {
    uint8_t bytes[1 << 18];
    size_t n;
};

static void record(void *context, unsigned side, struct wt_span bytes)
{
    struct recorded *r = context;
    if (side != WT_CLIENT)
        return;
    assert_true(r->n + bytes.n <= sizeof r->bytes);
    memcpy(r->bytes + r->n, bytes.p, bytes.n);
    r->n += bytes.n;
}

static void start(struct pair *p)
{
    pair_start(p, NULL);
    p->options[WT_CLIENT].early_data = p->options[WT_SERVER].early_data = 10000;
}

static void assert_early(struct pair *p, bool accepted)
{
    struct wt_endpoint_info info;
    pair_run(p);
    assert_int_equal(p->got_n[WT_SERVER], strlen(text)); /* once */
    assert_memory_equal(p->got[WT_SERVER], text, strlen(text));
    for (unsigned side = 0; side < 2; side++) {
        wt_endpoint_info(p->e[side], &info);
        assert_true(info.early_data_accepted == accepted);
    }
    pair_assert_established(p);
}

static void again(struct pair *p, int64_t later)
{
    pair_again(p, TEST_NOW + later);
    p->got_n[WT_SERVER] = 0;
    assert_int_equal(wt_endpoint_write(p->e[WT_CLIENT], text, strlen(text)), strlen(text));
}

/* The server has the data before the client has anything of it. */
static void accepted(void **state)
{
    struct wt_endpoint_info info;
    struct pair p;
    (void)state;
    start(&p);
    pair_first(&p);
    for (unsigned i = 1; i < 4; i++) {
        again(&p, i);
        struct wt_span out = wt_endpoint_outgoing(p.e[WT_CLIENT]);
        assert_int_equal(wt_endpoint_receive(p.e[WT_SERVER], out.p, out.n), out.n);
        wt_endpoint_sent(p.e[WT_CLIENT], out.n);
        wt_endpoint_info(p.e[WT_SERVER], &info);
        assert_true(info.early_data_accepted && !info.established && info.resumed);
        assert_int_equal(wt_endpoint_data(p.e[WT_SERVER]).n, strlen(text));
        assert_early(&p, true);
    }
    pair_end(&p);
}

static void pieces(void **state)
{
    static const size_t sizes[] = {1, 5, 100};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct pair p;
        start(&p);
        pair_first(&p);
        p.piece = sizes[i];
        again(&p, 1);
        assert_early(&p, true);
        pair_end(&p);
    }
}

/* RFC 8446, D.4: with and without the ChangeCipherSpec for middleboxes. */
static void without_compatibility(void **state)
{
    (void)state;
    for (unsigned side = 0; side < 2; side++) {
        struct pair p;
        start(&p);
        p.options[side].without_compatibility = true;
        pair_first(&p);
        again(&p, 1);
        assert_early(&p, true);
        pair_end(&p);
    }
}

/* Who asks for nothing gets nothing early: the data wait. */
static void not_asked_for(void **state)
{
    (void)state;
    for (unsigned side = 0; side < 2; side++) {
        struct pair p;
        start(&p);
        p.options[side].early_data = 0;
        pair_first(&p);
        again(&p, 1);
        assert_early(&p, false);
        pair_end(&p);
    }
}

static void other_server(struct pair *p)
{
    struct wt_error error;
    wt_endpoint_free(p->e[WT_SERVER]);
    wt_party_free(p->party[WT_SERVER]);
    p->e[WT_SERVER] = NULL;
    p->party[WT_SERVER] = wt_server_new(&p->options[WT_SERVER], &error);
    assert_non_null(p->party[WT_SERVER]);
}

/* RFC 8446, 4.2.10: a server that does not take them skips them, and the client sends them again: the session is
 * another server's; it is resumed without them; a HelloRetryRequest comes. */
static void rejected(void **state)
{
    static const uint16_t ours[] = {WT_GROUP_X25519, WT_GROUP_SECP256R1}, theirs[] = {WT_GROUP_SECP256R1};
    static const uint8_t key[32] = {7};
    (void)state;
    for (unsigned what = 0; what < 4; what++)
        for (size_t piece = 0; piece < 2; piece++) {
            struct wt_endpoint_info info;
            struct pair p;
            start(&p);
            p.options[WT_SERVER].ticket_key = what ? (struct wt_span){key, sizeof key} : (struct wt_span){0};
            p.options[WT_CLIENT].groups = ours;
            p.options[WT_CLIENT].group_count = 2;
            pair_first(&p);
            if (what == 1)
                p.options[WT_SERVER].early_data = 0;
            if (what >= 2) {
                p.options[WT_SERVER].groups = theirs;
                p.options[WT_SERVER].group_count = 1;
            }
            p.options[WT_SERVER].cookie = what == 3;
            other_server(&p);
            p.piece = piece;
            again(&p, 30);
            assert_early(&p, false);
            wt_endpoint_info(p.e[WT_CLIENT], &info);
            assert_true(info.resumed == (what != 0));
            assert_true(info.retried == (what >= 2));
            pair_end(&p);
        }
}

/* RFC 8446, 8.1 and 8.3: sent again, they are not taken: the ticket was used, or is of another time. */
static void replayed(void **state)
{
    static struct recorded r;
    struct wt_endpoint_info info;
    struct pair p;
    (void)state;
    start(&p);
    pair_first(&p);
    r.n = 0;
    p.tap = record;
    p.context = &r;
    again(&p, 1);
    pair_run(&p);
    p.tap = NULL;
    for (int64_t later = 1; later < 40; later += 3) {
        wt_endpoint_free(p.e[WT_SERVER]);
        p.e[WT_SERVER] = wt_server_accept(p.party[WT_SERVER], TEST_NOW + later);
        (void)wt_endpoint_receive(p.e[WT_SERVER], r.bytes, r.n);
        wt_endpoint_info(p.e[WT_SERVER], &info);
        assert_true(info.resumed && !info.early_data_accepted && !info.established);
        assert_int_equal(wt_endpoint_data(p.e[WT_SERVER]).n, 0);
    }
    pair_end(&p);
}

/* The hello is kept back on its way for so long. */
static void late_by(int64_t seconds, bool taken)
{
    struct pair p;
    start(&p);
    pair_first(&p);
    again(&p, 100);
    wt_endpoint_free(p.e[WT_SERVER]);
    p.e[WT_SERVER] = wt_server_accept(p.party[WT_SERVER], TEST_NOW + 100 + seconds);
    assert_early(&p, taken);
    pair_end(&p);
}

static void window(void **state)
{
    (void)state;
    late_by(WT_LIMIT_EARLY_WINDOW, true);
    late_by(WT_LIMIT_EARLY_WINDOW + 1, false);
    late_by(-WT_LIMIT_EARLY_WINDOW, true);
    late_by(-WT_LIMIT_EARLY_WINDOW - 1, false);
}

/* Servers that share tickets have not seen what came before they began. */
static void after_a_start(void **state)
{
    static const uint8_t key[32] = {8};
    (void)state;
    for (int64_t later = WT_LIMIT_EARLY_WINDOW; later <= WT_LIMIT_EARLY_WINDOW + 1; later++) {
        struct pair p;
        start(&p);
        p.options[WT_SERVER].ticket_key = (struct wt_span){key, sizeof key};
        pair_first(&p);
        again(&p, later);
        assert_early(&p, later > WT_LIMIT_EARLY_WINDOW);
        pair_end(&p);
    }
}

/* RFC 8446, 4.2.10: the protocol is the session's: with another one the client's data are not sent again. */
static void other_protocol(void **state)
{
    static const char *const a[] = {"h2", "http/1.1"}, *const b[] = {"http/1.1"};
    static const uint8_t key[32] = {9};
    struct wt_endpoint_info info;
    struct pair p;
    (void)state;
    start(&p);
    p.options[WT_SERVER].ticket_key = (struct wt_span){key, sizeof key};
    p.options[WT_CLIENT].alpn = p.options[WT_SERVER].alpn = a;
    p.options[WT_CLIENT].alpn_count = p.options[WT_SERVER].alpn_count = 2;
    pair_first(&p);
    again(&p, 30);
    assert_early(&p, true);
    p.options[WT_SERVER].alpn = b;
    p.options[WT_SERVER].alpn_count = 1;
    other_server(&p);
    again(&p, 60);
    pair_run(&p);
    assert_int_equal(p.got_n[WT_SERVER], 0);
    wt_endpoint_info(p.e[WT_CLIENT], &info);
    assert_true(info.established && !info.early_data_accepted);
    pair_assert_established(&p);
    pair_end(&p);
}

/* What opens the early data, and the rest (RFC 9850, 2.1): both sides write the same lines. */
struct log {
    char text[4096];
};

static void log_line(void *context, const char *line)
{
    struct log *l = context;
    const size_t n = strlen(l->text);
    assert_true(n + strlen(line) + 2 < sizeof l->text);
    strcpy(l->text + n, line);
    strcat(l->text, "\n");
}

static void key_log(void **state)
{
    static const char *const labels[] = {"CLIENT_EARLY_TRAFFIC_SECRET",     "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
                                         "SERVER_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_TRAFFIC_SECRET_0",
                                         "SERVER_TRAFFIC_SECRET_0",         "EXPORTER_SECRET"};
    static struct log logs[2];
    struct pair p;
    (void)state;
    start(&p);
    for (unsigned side = 0; side < 2; side++) {
        p.options[side].keylog = log_line;
        p.options[side].context = &logs[side];
    }
    pair_first(&p);
    assert_null(strstr(logs[0].text, labels[0]));
    logs[0].text[0] = logs[1].text[0] = 0;
    again(&p, 1);
    assert_early(&p, true);
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        const char *line[2] = {strstr(logs[0].text, labels[i]), strstr(logs[1].text, labels[i])};
        assert_non_null(line[0]);
        assert_non_null(line[1]);
        assert_memory_equal(line[0], line[1], strcspn(line[0], "\n") + 1);
    }
    pair_end(&p);
}

/* --- limits ------------------------------------------------------------------------------------------------------- */

static void taken_at_most(void **state)
{
    static uint8_t bytes[20000];
    struct wt_error error;
    (void)state;
    for (unsigned more = 0; more < 2; more++) {
        struct pair p;
        start(&p);
        p.options[WT_SERVER].early_data = 1000;
        pair_first(&p);
        /* a client that sends more than the session allows */
        pair_again(&p, TEST_NOW + 1);
        assert_int_equal(p.e[WT_CLIENT]->x->early.room, 1000);
        p.e[WT_CLIENT]->x->early.room += more;
        assert_int_equal(wt_endpoint_write(p.e[WT_CLIENT], bytes, 1000 + more), 1000 + more);
        pair_run(&p);
        if (more)
            pair_assert_failed(&p, WT_SERVER, WT_ALERT_UNEXPECTED_MESSAGE, "unexpected-message");
        else
            pair_assert_established(&p);
        pair_end(&p);
    }
    struct pair p;
    start(&p);
    p.options[WT_SERVER].early_data = WT_LIMIT_EARLY_DATA + 1;
    assert_null(wt_server_new(&p.options[WT_SERVER], &error));
    assert_string_equal(error.field, "early_data");
    p.options[WT_SERVER].early_data = WT_LIMIT_EARLY_DATA;
    p.options[WT_CLIENT].early_data = UINT32_MAX;
    pair_first(&p);
    pair_again(&p, TEST_NOW + 1);
    assert_int_equal(p.e[WT_CLIENT]->x->early.room, WT_LIMIT_WAITING);
    assert_int_equal(wt_endpoint_write(p.e[WT_CLIENT], bytes, sizeof bytes), WT_LIMIT_WAITING);
    pair_assert_resumed(&p, true);
    pair_end(&p);
}

static void skipped_at_most(void **state)
{
    (void)state;
    for (unsigned over = 0; over < 2; over++) {
        struct wt_endpoint_info info;
        struct pair p;
        start(&p);
        pair_first(&p);
        other_server(&p);
        again(&p, 1);
        struct wt_span out = wt_endpoint_outgoing(p.e[WT_CLIENT]);
        assert_int_equal(wt_endpoint_receive(p.e[WT_SERVER], out.p, out.n), out.n);
        uint32_t left = p.e[WT_SERVER]->x->early.skip;
        assert_int_equal(left, WT_LIMIT_EARLY_SKIPPED - (strlen(text) + 17));
        static uint8_t one[5 + 16384] = {23, 3, 3};
        while (left) {
            const size_t n = left < 16384 ? left : 16384;
            one[3] = (uint8_t)(n >> 8);
            one[4] = (uint8_t)n;
            assert_int_equal(wt_endpoint_receive(p.e[WT_SERVER], one, 5 + n), 5 + n);
            left -= (uint32_t)n;
        }
        wt_endpoint_info(p.e[WT_SERVER], &info);
        assert_false(info.has_alert);
        one[3] = 0;
        one[4] = 20;
        if (over) {
            (void)wt_endpoint_receive(p.e[WT_SERVER], one, 25);
            assert_string_equal(wt_endpoint_why(p.e[WT_SERVER])->id, "record-corrupted");
        }
        pair_end(&p);
    }
}

static void strikes(void **state)
{
    struct wt_strikes s = {0};
    uint8_t id[WT_TICKET_NONCE] = {0};
    (void)state;
    /* a set of four */
    for (uint8_t i = 0; i < 4; i++) {
        id[11] = i;
        assert_true(wt_strikes_take(&s, id, 100, 110));
        assert_false(wt_strikes_take(&s, id, 100, 110));
    }
    id[11] = 4;
    assert_false(wt_strikes_take(&s, id, 110, 120)); /* nothing that could be shown again is forgotten */
    assert_true(wt_strikes_take(&s, id, 111, 120));
    id[11] = 0;
    assert_true(wt_strikes_take(&s, id, 111, 120));
    free(s.slots);
    s = (struct wt_strikes){0};
    unsigned taken = 0;
    for (unsigned i = 0; i < 2 * WT_LIMIT_EARLY_STRIKES; i++) {
        id[2] = (uint8_t)(i >> 8);
        id[3] = (uint8_t)i;
        id[4] = (uint8_t)(i >> 16);
        taken += wt_strikes_take(&s, id, 100, 110);
    }
    assert_int_equal(taken, WT_LIMIT_EARLY_STRIKES);
    free(s.slots);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepted),      cmocka_unit_test(pieces),        cmocka_unit_test(without_compatibility),
        cmocka_unit_test(not_asked_for), cmocka_unit_test(rejected),      cmocka_unit_test(replayed),
        cmocka_unit_test(window),        cmocka_unit_test(after_a_start), cmocka_unit_test(other_protocol),
        cmocka_unit_test(key_log),       cmocka_unit_test(taken_at_most), cmocka_unit_test(skipped_at_most),
        cmocka_unit_test(strikes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
