/* Multipath TCP: one connection whose bytes pass over several subflows, which come and go. */
#include "segments.h"

#include "crypto/library.h"

enum { FIRST = 40000, SECOND = 40001, PIECE = 90 };
enum { ISN_OF_CLIENT = 1000, ISN_OF_SERVER = 6000, ISN_APART = 70000 }; /* the second subflow's are so much greater */

/* By side: the stream's first number, the client's near the end of its 32 bits, and how much of it was sent. */
static uint64_t first_data[2] = {0x11223344fffffff0};
static uint32_t sent[2];
/* Of each subflow, by side: how much it has carried. */
static uint32_t carried[2][2];

static struct {
    unsigned version;  /* of the option: 0 (RFC 6824) or 1 (RFC 8684) */
    bool narrow;       /* numbers of the stream have 4 bytes */
    bool hidden[2];    /* the capture lacks what a subflow carries */
    bool no_fin;       /* the stream has no DATA_FIN */
    bool unseen_first; /* nor its beginning */
    bool refused;      /* the second SYN-ACK has no MP_JOIN */
    unsigned reset_at; /* the first subflow ends by a RST after so many pieces; 0: it does not */
} how;

static uint32_t isn_of(unsigned subflow, enum wt_side side)
{
    return (side == WT_CLIENT ? ISN_OF_CLIENT : ISN_OF_SERVER) + subflow * ISN_APART;
}

/* RFC 8684, 3.1: MP_CAPABLE; the SYN-ACK carries its sender's key, in version 0 the SYN as well. */
static void capable(uint8_t option[12], const uint8_t key[8])
{
    option[0] = 30;
    option[1] = 12;
    option[2] = (uint8_t)how.version;
    option[3] = how.version ? 1 : 0x81;
    memcpy(option + 4, key, 8);
    tcp_options = wt_span_of(option, 12);
}

static size_t digest_of(const uint8_t key[8], uint8_t digest[WT_DIGEST_MOST])
{
    struct wt_crypto *crypto = wt_crypto_new();
    assert_non_null(crypto);
    const size_t n = wt_digest(crypto, how.version ? WT_HASH_SHA256 : WT_HASH_SHA1, wt_span_of(key, 8), digest);
    assert_true(n >= 8);
    wt_crypto_free(crypto);
    return n;
}

static void begin_first(unsigned port, const uint8_t key[8])
{
    uint8_t option[12], digest[WT_DIGEST_MOST];
    const size_t n = digest_of(key, digest);
    first_data[WT_SERVER] = 1; /* the stream's initial number counts one */
    for (unsigned i = 0; i < 8; i++)
        first_data[WT_SERVER] += (uint64_t)digest[n - 1 - i] << (8 * i);
    if (how.unseen_first)
        return;
    capable(option, key);
    if (how.version)
        tcp_options = wt_span_of("\36\4\1\1", 4);
    segment(WT_CLIENT, port, WT_TCP_SYN, ISN_OF_CLIENT, 0, nothing, 0);
    capable(option, key);
    segment(WT_SERVER, port, WT_TCP_SYN | WT_TCP_ACK, ISN_OF_SERVER, ISN_OF_CLIENT + 1, nothing, 0);
    tcp_options = (struct wt_span){0};
}

/* RFC 8684, 3.2: MP_JOIN with the token of the receiver. */
static void join(unsigned port, const uint8_t key[8])
{
    uint8_t syn[12] = {30, 12, 0x10, 1}, ack[16] = {30, 16, 0x10, 1}, digest[WT_DIGEST_MOST];
    (void)digest_of(key, digest);
    memcpy(syn + 4, digest, 4);
    tcp_options = wt_span_of(syn, sizeof syn);
    segment(WT_CLIENT, port, WT_TCP_SYN, isn_of(1, WT_CLIENT), 0, nothing, 0);
    tcp_options = wt_span_of(how.refused ? (const uint8_t *)"\3\3\7\1" : ack, how.refused ? 4 : sizeof ack);
    segment(WT_SERVER, port, WT_TCP_SYN | WT_TCP_ACK, isn_of(1, WT_SERVER), isn_of(1, WT_CLIENT) + 1, nothing, 0);
    tcp_options = (struct wt_span){0};
}

static size_t put_data(uint8_t *p, uint64_t number)
{
    const size_t n = how.narrow ? 4 : 8;
    for (size_t i = 0; i < n; i++)
        p[i] = (uint8_t)(number >> (8 * (n - 1 - i)));
    return n;
}

/* RFC 8684, 3.3: DSS with a Data ACK and, where there are bytes or the end, a mapping. */
static void send_mapped(unsigned subflow, enum wt_side from, unsigned flags, struct wt_span bytes, bool fin)
{
    uint8_t option[28] = {30, 0, 0x20};
    const bool maps = bytes.n || fin;
    option[3] = (uint8_t)(1 | (how.narrow ? 0 : 2) | (maps ? (how.narrow ? 4 : 12) : 0) | (fin ? 16 : 0));
    size_t n = 4 + put_data(option + 4, first_data[!from] + sent[!from]);
    if (maps) {
        n += put_data(option + n, first_data[from] + sent[from]);
        put(option + n, bytes.n ? carried[subflow][from] + 1 : 0, 4);
        put(option + n + 4, (uint32_t)bytes.n + fin, 2);
        n += 6;
    }
    option[1] = (uint8_t)n;
    memset(option + n, 1, sizeof option - n); /* NOP */
    tcp_options = wt_span_of(option, (n + 3) / 4 * 4);
    if (!how.hidden[subflow])
        segment(from, subflow ? SECOND : FIRST, flags, isn_of(subflow, from) + 1 + carried[subflow][from],
                isn_of(subflow, !from) + 1 + carried[subflow][!from], bytes, 0);
    tcp_options = (struct wt_span){0};
    sent[from] += (uint32_t)bytes.n;
    carried[subflow][from] += (uint32_t)bytes.n;
}

/* Pieces of a handshake and of data behind it, on both subflows in turn once there are two; then the end. */
static void converse(const uint8_t key[8])
{
    unsigned pieces = 0;
    bool gone = false;
    memset(sent, 0, sizeof sent);
    memset(carried, 0, sizeof carried);
    come_up(false);
    add_record(say(&d, WT_SERVER), WT_CONTENT_APPLICATION_DATA, wt_span_of((const uint8_t[700]){0}, 700));
    add_record(say(&d, WT_CLIENT), WT_CONTENT_APPLICATION_DATA, wt_span_of((const uint8_t[300]){0}, 300));
    begin_first(FIRST, key);
    for (size_t turn = 0; turn < d.n; turn++) {
        struct wt_span rest = wt_buffer_span(&d.turns[turn].flight.b);
        if (turn == 1)
            join(SECOND, key);
        while (rest.n) {
            const struct wt_span piece = wt_span_cut(rest, 0, PIECE);
            send_mapped(turn && (gone || pieces % 2), d.turns[turn].from, WT_TCP_ACK | WT_TCP_PSH, piece, false);
            rest = wt_span_cut(rest, piece.n, rest.n);
            pieces++;
            if (how.reset_at && pieces == how.reset_at) {
                segment(WT_CLIENT, FIRST, WT_TCP_RST, isn_of(0, WT_CLIENT) + 1 + carried[0][WT_CLIENT], 0, nothing, 0);
                gone = true;
            }
        }
    }
    for (unsigned side = 0; side < 2 && !how.no_fin; side++)
        send_mapped(1, (enum wt_side)side, WT_TCP_ACK, nothing, true);
    for (unsigned subflow = gone; subflow < 2; subflow++)
        for (unsigned side = 0; side < 2; side++)
            if (!how.hidden[subflow])
                segment((enum wt_side)side, subflow ? SECOND : FIRST, WT_TCP_FIN | WT_TCP_ACK,
                        isn_of(subflow, (enum wt_side)side) + 1 + carried[subflow][side],
                        isn_of(subflow, (enum wt_side) !side) + 1 + carried[subflow][!side], nothing, 0);
    forget(&d);
    finish();
}

static const uint8_t key[8] = "\1\2\3\4\5\6\7\10";

static void expect_whole(void)
{
    assert_int_equal(h.told, 1);
    assert_int_equal(h.c.state, WT_ESTABLISHED);
    assert_int_equal(h.c.stream, 0);
    assert_int_equal(h.c.application_data[WT_SERVER].bytes, 700);
    assert_int_equal(h.c.application_data[WT_CLIENT].bytes, 300);
    if (strstr(h.findings, "record-boundary") || strstr(h.findings, "tcp-") || strstr(h.findings, "capture-"))
        fail_msg("findings: %s", h.findings);
    assert_int_equal(h.causes, 0);
    assert_false(h.c.reset);
    assert_int_equal(h.c.layers[h.c.layer_count - 1], WT_LAYER_MPTCP);
}

static void test_two_subflows(void **state)
{
    for (unsigned i = 0; i < 8; i++) {
        (void)start(state);
        memset(&how, 0, sizeof how);
        how.version = i & 1;
        how.narrow = i & 2;
        how.no_fin = i & 4;
        converse(key);
        expect_whole();
        (void)clean(state);
    }
}

/* The first subflow goes, and the second one carries on: the connection does not end with it. */
static void test_handover(void **state)
{
    (void)start(state);
    memset(&how, 0, sizeof how);
    how.version = 1;
    how.reset_at = 6;
    converse(key);
    expect_whole();
    (void)clean(state);
}

/* What passed elsewhere is missing, and nothing is said to be wrong with what is here. */
static void test_one_is_hidden(void **state)
{
    (void)start(state);
    memset(&how, 0, sizeof how);
    how.version = 1;
    how.hidden[1] = true;
    converse(key);
    assert_int_equal(h.told, 1);
    assert_int_equal(h.causes, 0);
    assert_null(strstr(h.findings, "record-boundary"));
    assert_non_null(strstr(h.findings, "capture-gap"));
    assert_non_null(strstr(h.last_text, "Multipath TCP"));
    (void)clean(state);
}

/* A subflow of a connection that began before the capture did has not lost its records, and nobody damaged them. */
static void test_joins_unknown(void **state)
{
    (void)start(state);
    memset(&how, 0, sizeof how);
    how.version = 1;
    how.unseen_first = how.hidden[0] = true;
    converse(key);
    assert_true(h.told <= 1);
    assert_int_equal(h.causes, 0);
    assert_null(strstr(h.findings, "record-"));
    (void)clean(state);
}

/* Who names a connection in a SYN, and then speaks TLS for itself, hides nothing by it: the server does not join, or it
 * says so and nothing is mapped. */
static void test_hides_nothing(void **state)
{
    for (unsigned known = 0; known < 2; known++)
        for (unsigned refused = 0; refused < 2; refused++) {
            (void)start(state);
            memset(&how, 0, sizeof how);
            how.version = 1;
            how.refused = refused;
            if (known)
                begin_first(FIRST, key);
            join(SECOND, key);
            come_up(false);
            uint32_t next[2] = {isn_of(1, WT_CLIENT) + 1, isn_of(1, WT_SERVER) + 1};
            for (size_t turn = 0; turn < d.n; turn++)
                pass_turn(SECOND, turn, next, false);
            forget(&d);
            finish();
            assert_int_equal(h.told, 1);
            assert_int_equal(h.c.stream, known);
            assert_int_equal(h.c.state, WT_ESTABLISHED);
            (void)clean(state);
        }
}

/* The connection that was not met for the longest time makes room; just below, it is still joined. */
static void test_limit(void **state)
{
    for (unsigned more = 0; more < 2; more++) {
        (void)start(state);
        memset(&how, 0, sizeof how);
        memset(sent, 0, sizeof sent);
        memset(carried, 0, sizeof carried);
        how.version = 1;
        come_up(false);
        begin_first(FIRST, key);
        for (unsigned i = 0; i < WT_LIMIT_MULTIPATH - 2 + 2 * more; i++) {
            const uint8_t other[8] = {0xff, (uint8_t)(i >> 8), (uint8_t)i};
            begin_first(1024 + i, other);
        }
        join(SECOND, key);
        for (size_t turn = 0; turn < d.n; turn++)
            send_mapped(turn == d.n - 1, d.turns[turn].from, WT_TCP_ACK | WT_TCP_PSH,
                        wt_buffer_span(&d.turns[turn].flight.b), false);
        forget(&d);
        finish();
        assert_int_equal(h.told, 1);
        assert_int_equal(h.c.state, more ? WT_INCOMPLETE : WT_ESTABLISHED);
        (void)clean(state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_subflows),  cmocka_unit_test(test_handover),
        cmocka_unit_test(test_one_is_hidden), cmocka_unit_test(test_joins_unknown),
        cmocka_unit_test(test_hides_nothing), cmocka_unit_test(test_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
