/* The flow table: its rows, stepping strictly and leniently, and what each row does to keys. That the table allows what
 * the RFCs allow and nothing else is test_walk.c's. */
#include "flow/flow.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { C, S };

enum {
    CH = WT_HANDSHAKE_CLIENT_HELLO,
    SH = WT_HANDSHAKE_SERVER_HELLO,
    CERT = WT_HANDSHAKE_CERTIFICATE,
    SKE = WT_HANDSHAKE_SERVER_KEY_EXCHANGE,
    CREQ = WT_HANDSHAKE_CERTIFICATE_REQUEST,
    SHD = WT_HANDSHAKE_SERVER_HELLO_DONE,
    CKE = WT_HANDSHAKE_CLIENT_KEY_EXCHANGE,
    CV = WT_HANDSHAKE_CERTIFICATE_VERIFY,
    CCS = WT_FLOW_CCS,
    FIN = WT_HANDSHAKE_FINISHED,
    HID = WT_FLOW_HIDDEN,
    NST = WT_HANDSHAKE_NEW_SESSION_TICKET,
    HREQ = WT_HANDSHAKE_HELLO_REQUEST,
    HRR = WT_HANDSHAKE_HELLO_RETRY_REQUEST,
    EE = WT_HANDSHAKE_ENCRYPTED_EXTENSIONS,
    EOED = WT_HANDSHAKE_END_OF_EARLY_DATA,
    KU = WT_HANDSHAKE_KEY_UPDATE,
};

/* What ServerHellos of these families show. */
#define WITH_RSA (WT_FACT_NEEDS_SERVER_CERTIFICATE | WT_FACT_NO_SERVER_KEYS)
#define WITH_ECDHE (WT_FACT_NEEDS_SERVER_CERTIFICATE | WT_FACT_NEEDS_SERVER_KEYS)
#define WITH_TLS13 (WT_FACT_TLS13 | WT_FACT_NEEDS_SERVER_CERTIFICATE)
#define WITH_PSK13 (WT_FACT_TLS13 | WT_FACT_RESUMED | WT_FACT_NO_SERVER_CERTIFICATE)

struct act {
    unsigned side, message;
    uint64_t facts;
    enum wt_flow_keys keys;
};

#define COUNT(a) (sizeof(a) / sizeof *(a))

static enum wt_flow_verdict step(struct wt_flow *f, const struct act *a, enum wt_flow_seat seat)
{
    return wt_flow_step(f, a->side, a->message, a->facts, seat, NULL);
}

static void begin(struct wt_flow *f, const struct act *acts, size_t n, enum wt_flow_seat seat)
{
    wt_flow_start(f);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(step(f, &acts[i], seat), WT_FLOW_EXPECTED);
}

/* --- the table -----------------------------------------------------------------------------------------------------
 */

static void test_rows(void **state)
{
    size_t n;
    const struct wt_flow_row *rows = wt_flow_rows(&n);
    (void)state;
    assert_true(n > 100);
    for (size_t i = 0; i < n; i++) {
        const struct wt_flow_row *r = &rows[i];
        assert_true(r->state < WT_STATE_COUNT && r->next < WT_STATE_COUNT);
        assert_int_equal(wt_flow_state_side(r->state), wt_flow_state_side(r->next));
        assert_true(i == 0 || rows[i - 1].state <= r->state); /* each state's rows stand together */
        assert_true((r->need & r->forbid) == 0 && (r->marks & r->clears & r->forbid) == 0);
        assert_true(strncmp(r->rfc, "RFC ", 4) == 0 || strncmp(r->rfc, "draft-", 6) == 0);
        assert_non_null(strchr(r->rfc, ','));
        if (r->message < 256)
            assert_non_null(wt_registry_name(WT_REG_HANDSHAKE_TYPE, r->message));
        else
            assert_true(r->message == CCS || r->message == HID);
        assert_true(r->message != HID || r->lenient); /* an endpoint reads what it gets */
        /* a row that an earlier one always hides says nothing */
        for (size_t k = 0; k < i; k++)
            assert_false(rows[k].lenient <= r->lenient && rows[k].state == r->state && rows[k].message == r->message &&
                         (rows[k].need & ~r->need) == 0 && (rows[k].forbid & ~r->forbid) == 0 && !rows[k].other);
    }
}

static void test_states_reachable(void **state)
{
    size_t n;
    const struct wt_flow_row *rows = wt_flow_rows(&n);
    bool reached[WT_STATE_COUNT] = {[WT_STATE_C_HELLO] = true, [WT_STATE_S_HELLO] = true}, left[WT_STATE_COUNT] = {0};
    (void)state;
    for (unsigned round = 0; round < WT_STATE_COUNT; round++)
        for (size_t i = 0; i < n; i++)
            if (reached[rows[i].state] && !rows[i].lenient) {
                left[rows[i].state] = true;
                reached[rows[i].next] = true;
            }
    for (unsigned i = 0; i < WT_STATE_COUNT; i++) {
        assert_true(reached[i]);
        assert_true(left[i]);
    }
}

static void test_state_names(void **state)
{
    (void)state;
    for (unsigned i = 0; i < WT_STATE_COUNT; i++) {
        const char *name = wt_flow_state_name((enum wt_flow_state)i);
        assert_int_equal(strncmp(name, wt_flow_state_side((enum wt_flow_state)i) == C ? "client" : "server", 6), 0);
        for (unsigned k = 0; k < i; k++)
            assert_string_not_equal(name, wt_flow_state_name((enum wt_flow_state)k));
    }
    assert_string_equal(wt_flow_state_name(WT_STATE_S_TICKET), "server_new_session_ticket");
    assert_string_equal(wt_flow_state_name(WT_STATE_C13_DONE), "client13_done");
    assert_string_equal(wt_flow_state_name(WT_STATE_COUNT), "unknown");
}

/* --- keys ----------------------------------------------------------------------------------------------------------
 */

static void expect_keys(const struct act *acts, size_t n)
{
    struct wt_flow f;
    wt_flow_start(&f);
    for (size_t i = 0; i < n; i++) {
        const struct wt_flow_row *row;
        assert_int_equal(wt_flow_step(&f, acts[i].side, acts[i].message, acts[i].facts, WT_FLOW_STRICT, &row),
                         WT_FLOW_EXPECTED);
        assert_int_equal(row->keys, acts[i].keys);
    }
}

static const struct act ecdhe[] = {
    {C, CH, 0, 0},
    {S, SH, WITH_ECDHE, 0},
    {S, CERT, 0, 0},
    {S, SKE, 0, 0},
    {S, SHD, 0, 0},
    {C, CKE, 0, 0},
    {C, CCS, 0, WT_KEYS_CLIENT_PENDING},
    {C, FIN, 0, 0},
    {S, CCS, 0, WT_KEYS_SERVER_PENDING},
    {S, FIN, 0, 0},
};

/* RFC 5246, 7.1: ChangeCipherSpec makes its sender's pending write state the current one. RFC 8446, 7.1 and 2.3, figure
 * 4: which secret protects which flight. */
static void test_keys(void **state)
{
    static const struct act resumed[] = {{C, CH, 0, 0},
                                         {S, SH, WITH_ECDHE | WT_FACT_MAY_RESUME | WT_FACT_MUST_RESUME, 0},
                                         {S, CCS, 0, WT_KEYS_SERVER_PENDING},
                                         {S, FIN, 0, 0},
                                         {C, CCS, 0, WT_KEYS_CLIENT_PENDING},
                                         {C, FIN, 0, 0}};
    static const struct act full13[] = {{C, CH, 0, 0},
                                        {S, SH, WITH_TLS13, WT_KEYS_BOTH_HANDSHAKE},
                                        {S, EE, 0, 0},
                                        {S, CREQ, 0, 0},
                                        {S, CERT, 0, 0},
                                        {S, CV, 0, 0},
                                        {S, FIN, 0, WT_KEYS_SERVER_APPLICATION},
                                        {C, CERT, WT_FACT_NO_CLIENT_VERIFY, 0},
                                        {C, FIN, 0, WT_KEYS_CLIENT_APPLICATION},
                                        {S, NST, 0, 0},
                                        {C, KU, 0, WT_KEYS_CLIENT_UPDATE},
                                        {S, KU, 0, WT_KEYS_SERVER_UPDATE}};
    static const struct act early[] = {{C, CH, WT_FACT_EARLY_OFFERED, WT_KEYS_CLIENT_EARLY},
                                       {S, SH, WITH_PSK13, WT_KEYS_SERVER_HANDSHAKE},
                                       {S, EE, WT_FACT_EARLY_ACCEPTED, 0},
                                       {S, FIN, 0, WT_KEYS_SERVER_APPLICATION},
                                       {C, EOED, 0, WT_KEYS_CLIENT_HANDSHAKE},
                                       {C, FIN, 0, WT_KEYS_CLIENT_APPLICATION}};
    static const struct act refused[] = {{C, CH, WT_FACT_EARLY_OFFERED, WT_KEYS_CLIENT_EARLY},
                                         {S, SH, WITH_PSK13, WT_KEYS_SERVER_HANDSHAKE},
                                         {S, EE, 0, WT_KEYS_CLIENT_HANDSHAKE},
                                         {S, FIN, 0, WT_KEYS_SERVER_APPLICATION},
                                         {C, FIN, 0, WT_KEYS_CLIENT_APPLICATION}};
    static const struct act without_psk[] = {{C, CH, WT_FACT_EARLY_OFFERED, WT_KEYS_CLIENT_EARLY},
                                             {S, SH, WITH_TLS13, WT_KEYS_BOTH_HANDSHAKE},
                                             {S, EE, 0, 0}};
    static const struct act retried[] = {{C, CH, WT_FACT_EARLY_OFFERED, WT_KEYS_CLIENT_EARLY},
                                         {S, HRR, 0, 0},
                                         {C, CH, 0, 0},
                                         {S, SH, WITH_PSK13, WT_KEYS_BOTH_HANDSHAKE},
                                         {S, EE, 0, 0}};
    static const struct act after[] = {{C, CH, WT_FACT_POST_AUTH_OFFERED, 0},
                                       {S, SH, WITH_TLS13, WT_KEYS_BOTH_HANDSHAKE},
                                       {S, EE, 0, 0},
                                       {S, CERT, 0, 0},
                                       {S, CV, 0, 0},
                                       {S, FIN, 0, WT_KEYS_SERVER_APPLICATION},
                                       {C, FIN, 0, WT_KEYS_CLIENT_APPLICATION},
                                       {S, CREQ, 0, 0},
                                       {C, CERT, WT_FACT_NEEDS_CLIENT_VERIFY, 0},
                                       {C, CV, 0, 0},
                                       {C, FIN, 0, 0}}; /* the Finished of an answer changes no keys */
    (void)state;
    expect_keys(ecdhe, COUNT(ecdhe));
    expect_keys(resumed, COUNT(resumed));
    expect_keys(full13, COUNT(full13));
    expect_keys(early, COUNT(early));
    expect_keys(refused, COUNT(refused));
    expect_keys(without_psk, COUNT(without_psk));
    expect_keys(retried, COUNT(retried));
    expect_keys(after, COUNT(after));
}

/* --- stepping strictly -----------------------------------------------------------------------------------------------
 */

/* RFC 5246, 7.4: "sending handshake messages in an unexpected order results in a fatal error". What is refused changes
 * nothing: neither the cursor nor what is known. */
static void test_strict(void **state)
{
    static const struct {
        size_t after; /* so many acts of ecdhe */
        struct act act;
    } refused[] = {{2, {S, CCS, 0, 0}},           {2, {S, SKE, 0, 0}},  {3, {S, SHD, 0, 0}},  {5, {C, CCS, 0, 0}},
                   {1, {C, CH, WT_FACT_DTLS, 0}}, {10, {S, CCS, 0, 0}}, {10, {S, SH, 0, 0}},  {7, {C, CCS, 0, 0}},
                   {4, {C, CKE, 0, 0}},           {10, {C, HID, 0, 0}}, {10, {C, 9999, 0, 0}}};
    (void)state;
    for (size_t i = 0; i < COUNT(refused); i++) {
        struct wt_flow f, before;
        begin(&f, ecdhe, refused[i].after, WT_FLOW_STRICT);
        before = f;
        assert_int_not_equal(step(&f, &refused[i].act, WT_FLOW_STRICT), WT_FLOW_EXPECTED);
        assert_memory_equal(&f, &before, sizeof f);
    }
}

/* Each of these the RFCs forbid, and was once let pass: all acts but the last are well, and the last is refused. */
static void test_forbidden(void **state)
{
#define HELLO                                                                                                          \
    {                                                                                                                  \
        C, CH, 0, 0                                                                                                    \
    }
#define SERVER_FLIGHT13                                                                                                \
    {S, EE, 0, 0}, {S, CERT, 0, 0}, {S, CV, 0, 0},                                                                     \
    {                                                                                                                  \
        S, FIN, 0, 0                                                                                                   \
    }
#define ASKING_FLIGHT13                                                                                                \
    {S, EE, 0, 0}, {S, CREQ, 0, 0}, {S, CERT, 0, 0}, {S, CV, 0, 0},                                                    \
    {                                                                                                                  \
        S, FIN, 0, 0                                                                                                   \
    }
#define ASKING_FLIGHT                                                                                                  \
    {S, CERT, 0, 0}, {S, SKE, 0, 0}, {S, CREQ, 0, 0},                                                                  \
    {                                                                                                                  \
        S, SHD, 0, 0                                                                                                   \
    }
    static const struct act rows[][12] = {
        /* RFC 5246, 7.4.1.3: the session was not offered */
        {HELLO, {S, SH, WITH_ECDHE, 0}, {S, CCS, 0, 0}},
        /* 7.4.2: "The server MUST send a Certificate message whenever the agreed-upon key exchange method uses
         * certificates for authentication" */
        {HELLO, {S, SH, WITH_ECDHE, 0}, {S, SKE, 0, 0}},
        {HELLO, {S, SH, WITH_RSA, 0}, {S, SHD, 0, 0}},
        /* 7.4.3: "It is not legal to send the Server Key Exchange Message for [...] RSA" */
        {HELLO, {S, SH, WITH_RSA, 0}, {S, CERT, 0, 0}, {S, SKE, 0, 0}},
        /* 7.4.6: "If no suitable certificate is available, the client MUST send a certificate message containing no
         * certificates" */
        {HELLO, {S, SH, WITH_ECDHE, 0}, ASKING_FLIGHT, {C, CKE, 0, 0}},
        /* 7.4.8, F.1.1.1 */
        {HELLO,
         {S, SH, WITH_ECDHE, 0},
         ASKING_FLIGHT,
         {C, CERT, WT_FACT_NEEDS_CLIENT_VERIFY, 0},
         {C, CKE, 0, 0},
         {C, CCS, 0, 0}},
        /* RFC 5077, 3.3: "This message MUST be sent if the server included a SessionTicket extension" */
        {HELLO,
         {S, SH, WITH_RSA | WT_FACT_TICKET_PROMISED, 0},
         {S, CERT, 0, 0},
         {S, SHD, 0, 0},
         {C, CKE, 0, 0},
         {C, CCS, 0, 0},
         {C, FIN, 0, 0},
         {S, CCS, 0, 0}},
        {HELLO,
         {S, SH, WITH_RSA, 0},
         {S, CERT, 0, 0},
         {S, SHD, 0, 0},
         {C, CKE, 0, 0},
         {C, CCS, 0, 0},
         {C, FIN, 0, 0},
         {S, CCS, 0, 0},
         {S, FIN, 0, 0},
         {S, CCS, 0, 0}},
        {HELLO,
         {S, SH, WITH_RSA, 0},
         {S, CERT, 0, 0},
         {S, SHD, 0, 0},
         {C, CKE, 0, 0},
         {C, CCS, 0, 0},
         {C, FIN, 0, 0},
         {S, CCS, 0, 0},
         {S, FIN, 0, 0},
         {S, SH, WITH_RSA, 0}},
        /* RFC 8446, 4.1.4: "If a client receives a second HelloRetryRequest in the same connection [...] it MUST abort
         * the handshake with an "unexpected_message" alert" */
        {HELLO, {S, HRR, 0, 0}, HELLO, {S, HRR, 0, 0}},
        /* 4.4.2: "the client MUST send a Certificate message if and only if the server has requested client
         * authentication" */
        {HELLO, {S, SH, WITH_TLS13, 0}, ASKING_FLIGHT13, {C, FIN, 0, 0}},
        {HELLO, {S, SH, WITH_TLS13, 0}, SERVER_FLIGHT13, {C, CERT, WT_FACT_NO_CLIENT_VERIFY, 0}},
        {HELLO, {S, SH, WITH_TLS13, 0}, SERVER_FLIGHT13, {C, FIN, 0, 0}, {C, CERT, WT_FACT_NO_CLIENT_VERIFY, 0}},
        /* 4.4.3: "Clients MUST send this message whenever authenticating via a certificate" */
        {HELLO, {S, SH, WITH_TLS13, 0}, ASKING_FLIGHT13, {C, CERT, WT_FACT_NEEDS_CLIENT_VERIFY, 0}, {C, FIN, 0, 0}},
        /* 4.5 */
        {{C, CH, WT_FACT_EARLY_OFFERED, 0},
         {S, SH, WITH_PSK13, 0},
         {S, EE, WT_FACT_EARLY_ACCEPTED, 0},
         {S, FIN, 0, 0},
         {C, FIN, 0, 0}},
        {{C, CH, WT_FACT_EARLY_OFFERED, 0}, {S, SH, WITH_PSK13, 0}, {S, EE, 0, 0}, {S, FIN, 0, 0}, {C, EOED, 0, 0}},
        {{C, CH, WT_FACT_EARLY_OFFERED, 0},
         {S, SH, WITH_PSK13, 0},
         {S, EE, WT_FACT_EARLY_ACCEPTED, 0},
         {S, FIN, 0, 0},
         {C, EOED, 0, 0},
         {C, EOED, 0, 0}},
        /* 4.3.2: "Servers which are authenticating with a PSK MUST NOT send the CertificateRequest message in the main
         * handshake" */
        {HELLO, {S, SH, WITH_PSK13, 0}, {S, EE, 0, 0}, {S, CREQ, 0, 0}},
        /* 4.6.2: "A client that receives a CertificateRequest message without having sent the "post_handshake_auth"
         * extension MUST send an "unexpected_message" fatal alert"; 4.6.3 */
        {HELLO, {S, SH, WITH_TLS13, 0}, SERVER_FLIGHT13, {C, FIN, 0, 0}, {S, CREQ, 0, 0}},
        {HELLO, {S, SH, WITH_TLS13, 0}, {S, EE, 0, 0}, {S, KU, 0, 0}},
    };
#undef HELLO
#undef SERVER_FLIGHT13
#undef ASKING_FLIGHT13
#undef ASKING_FLIGHT
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t n = 1;
        struct wt_flow f;
        while (n < COUNT(rows[i]) && rows[i][n].message)
            n++;
        begin(&f, rows[i], n - 1, WT_FLOW_STRICT);
        assert_int_equal(step(&f, &rows[i][n - 1], WT_FLOW_STRICT), WT_FLOW_UNEXPECTED);
    }
}

/* Before the other side's turn is over: refused, and it can be told why. */
static void test_early(void **state)
{
    static const struct act key_exchange = {C, CKE, 0, 0}, hello = {S, SH, 0, 0};
    struct wt_flow f;
    (void)state;
    begin(&f, ecdhe, 4, WT_FLOW_STRICT);
    assert_int_equal(step(&f, &key_exchange, WT_FLOW_STRICT), WT_FLOW_EARLY);
    assert_int_equal(f.state[C], WT_STATE_C_FLIGHT);
    assert_int_equal(step(&f, &key_exchange, WT_FLOW_LENIENT), WT_FLOW_EARLY);
    assert_int_equal(f.state[C], WT_STATE_C_VERIFY);
    wt_flow_start(&f);
    assert_int_equal(step(&f, &hello, WT_FLOW_LENIENT), WT_FLOW_EARLY);
    assert_int_equal(f.state[S], WT_STATE_S_FLIGHT);
}

static void test_expected(void **state)
{
    struct wt_flow f;
    uint16_t out[16];
    (void)state;
    wt_flow_start(&f);
    assert_int_equal(wt_flow_expected(&f, C, out, 16), 1);
    assert_int_equal(out[0], CH);
    begin(&f, ecdhe, 2, WT_FLOW_STRICT);
    assert_int_equal(wt_flow_expected(&f, S, out, 16), 2);
    assert_int_equal(out[0], HREQ);
    assert_int_equal(out[1], CERT);
    assert_int_equal(wt_flow_expected(&f, S, out, 1), 1);
    assert_int_equal(wt_flow_expected(&f, S, NULL, 0), 0);
    begin(&f, ecdhe, 3, WT_FLOW_STRICT);
    size_t n = wt_flow_expected(&f, S, out, 16);
    for (size_t i = 0; i < n; i++) {
        struct wt_flow g = f;
        assert_int_equal(wt_flow_step(&g, S, out[i], 0, WT_FLOW_STRICT, NULL), WT_FLOW_EXPECTED);
    }
}

/* --- stepping leniently ----------------------------------------------------------------------------------------------
 */

/* After an unexpected message the cursor goes on where the table knows it, so that one fault is reported once. */
static void test_goes_on(void **state)
{
    static const struct act no_keys = {S, SHD, 0, 0}, from_client = {C, SH, 0, 0}, certificate = {S, CERT, 0, 0};
    struct wt_flow f, before;
    const struct wt_flow_row *row;
    (void)state;
    begin(&f, ecdhe, 3, WT_FLOW_LENIENT); /* up to Certificate: the keys are missing */
    assert_int_equal(step(&f, &no_keys, WT_FLOW_LENIENT), WT_FLOW_UNEXPECTED);
    assert_int_equal(f.state[S], WT_STATE_S_TICKET);
    for (size_t i = 5; i < COUNT(ecdhe); i++)
        assert_int_equal(step(&f, &ecdhe[i], WT_FLOW_LENIENT), WT_FLOW_EXPECTED);
    before = f;
    assert_int_equal(wt_flow_step(&f, C, SH, 0, WT_FLOW_LENIENT, &row), WT_FLOW_UNEXPECTED); /* never a client's */
    assert_null(row);
    assert_memory_equal(&f, &before, sizeof f);
    assert_int_equal(step(&f, &from_client, WT_FLOW_LENIENT), WT_FLOW_UNEXPECTED);
    /* what the facts allow nowhere: as if they did */
    begin(&f, ecdhe, 1, WT_FLOW_LENIENT);
    assert_int_equal(wt_flow_step(&f, S, SH, WT_FACT_NO_SERVER_CERTIFICATE, WT_FLOW_LENIENT, NULL), WT_FLOW_EXPECTED);
    assert_int_equal(step(&f, &certificate, WT_FLOW_LENIENT), WT_FLOW_UNEXPECTED);
    assert_int_equal(f.state[S], WT_STATE_S_STATUS);
}

/* A ChangeCipherSpec in place of the server's flight (CVE-2015-0205 and its kin) resumes nothing that nobody offered.
 */
static void test_not_resumed(void **state)
{
    static const struct act ccs = {S, CCS, 0, 0}, finished = {S, HID, 0, 0};
    struct wt_flow f;
    (void)state;
    begin(&f, ecdhe, 2, WT_FLOW_LENIENT);
    assert_int_equal(step(&f, &ccs, WT_FLOW_LENIENT), WT_FLOW_UNEXPECTED);
    assert_false(wt_flow_has(&f, WT_FACT_RESUMED));
    assert_int_equal(step(&f, &finished, WT_FLOW_LENIENT), WT_FLOW_EXPECTED);
}

/* What an observer cannot see: records that nobody opens, and the order of one stream's messages among the other's. */
static void test_lenient(void **state)
{
    static const struct act hidden[] = {
        {C, CH, 0, 0},  {S, SH, WITH_RSA, 0}, {S, CERT, 0, 0}, {S, SHD, 0, 0}, {C, CKE, 0, 0}, {C, CCS, 0, 0},
        {C, HID, 0, 0}, {S, CCS, 0, 0},       {S, HID, 0, 0}, /* and a renegotiation */
        {C, HID, 0, 0}, {S, HID, 0, 0},       {C, CCS, 0, 0},  {C, HID, 0, 0}, {S, CCS, 0, 0}, {S, HID, 0, 0}};
    static const struct act asked[] = {{C, CH, 0, 0}, {C, CERT, WT_FACT_NEEDS_CLIENT_VERIFY, 0}, {C, CKE, 0, 0}};
    static const struct act retried[] = {{C, CH, 0, 0}, {C, CH, 0, 0}};
    struct wt_flow f;
    (void)state;
    begin(&f, hidden, COUNT(hidden), WT_FLOW_LENIENT);
    for (size_t i = 0; i < 2; i++) /* each renegotiation has one */
        assert_int_equal(step(&f, &hidden[11], WT_FLOW_LENIENT), WT_FLOW_UNEXPECTED);
    wt_flow_start(&f);
    for (size_t i = 0; i < COUNT(asked); i++)
        assert_int_not_equal(step(&f, &asked[i], WT_FLOW_LENIENT), WT_FLOW_UNEXPECTED);
    assert_true(wt_flow_has(&f, WT_FACT_CERTIFICATE_REQUESTED));
    begin(&f, retried, COUNT(retried), WT_FLOW_LENIENT);
    assert_true(wt_flow_has(&f, WT_FACT_RETRY));
    /* one side of a renegotiation before the other: what its ServerHello has shown stays known */
    begin(&f, ecdhe, COUNT(ecdhe), WT_FLOW_LENIENT);
    assert_int_equal(wt_flow_step(&f, S, SH, WITH_RSA, WT_FLOW_LENIENT, NULL), WT_FLOW_EXPECTED);
    assert_int_equal(wt_flow_step(&f, C, CH, 0, WT_FLOW_LENIENT, NULL), WT_FLOW_EXPECTED);
    assert_true(wt_flow_has(&f, WITH_RSA | WT_FACT_RENEGOTIATION));
}

/* --- what was left out
 * ------------------------------------------------------------------------------------------------ */

static void test_skipped(void **state)
{
    static const struct act client[] = {{C, CH, 0, 0},
                                        {S, SH, WITH_ECDHE, 0},
                                        {S, CERT, 0, 0},
                                        {S, SKE, 0, 0},
                                        {S, CREQ, 0, 0},
                                        {S, SHD, 0, 0},
                                        {C, CERT, WT_FACT_NEEDS_CLIENT_VERIFY, 0},
                                        {C, CKE, 0, 0}};
    static const struct act early[] = {
        {C, CH, WT_FACT_EARLY_OFFERED, 0}, {S, SH, WITH_PSK13, 0}, {S, EE, WT_FACT_EARLY_ACCEPTED, 0}, {S, FIN, 0, 0}};
    static const struct {
        const struct act *acts;
        size_t n;
        struct act act;
        unsigned missing[4]; /* up to the first zero (HelloRequest is never missing) */
    } rows[] = {
        {ecdhe, 2, {S, CCS, 0, 0}, {CERT, SKE, SHD}}, {ecdhe, 3, {S, SHD, 0, 0}, {SKE}},
        {ecdhe, 5, {C, FIN, 0, 0}, {CKE, CCS}},       {ecdhe, 10, {S, CCS, 0, 0}, {0}},
        {client, 6, {C, CKE, 0, 0}, {CERT}},          {client, 8, {C, CCS, 0, 0}, {CV}},
        {early, 4, {C, FIN, 0, 0}, {EOED}},           {early, 4, {C, CERT, 0, 0}, {0}},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct wt_flow_row *out[WT_FLOW_SKIPPED_MOST];
        struct wt_flow f;
        size_t want = 0;
        begin(&f, rows[i].acts, rows[i].n, WT_FLOW_STRICT);
        size_t n = wt_flow_skipped(&f, rows[i].act.side, rows[i].act.message, rows[i].act.facts, out);
        while (want < COUNT(rows[i].missing) && rows[i].missing[want])
            want++;
        assert_int_equal(n, want);
        for (size_t k = 0; k < n; k++)
            assert_int_equal(out[k]->message, rows[i].missing[k]);
    }
}

/* RFC 5246, 7.3, figures 1 and 2; RFC 8446, 2: whose message comes next. */
static void test_can_go_on(void **state)
{
    static const struct {
        unsigned side;
        unsigned message;
        uint64_t facts;
    } full[] = {{0, WT_HANDSHAKE_CLIENT_HELLO, 0},
                {1, WT_HANDSHAKE_SERVER_HELLO, WT_FACT_NEEDS_SERVER_CERTIFICATE | WT_FACT_NO_SERVER_KEYS},
                {1, WT_HANDSHAKE_CERTIFICATE, 0},
                {1, WT_HANDSHAKE_SERVER_HELLO_DONE, 0},
                {0, WT_HANDSHAKE_CLIENT_KEY_EXCHANGE, 0},
                {0, CCS, 0},
                {0, WT_HANDSHAKE_FINISHED, 0},
                {1, CCS, 0},
                {1, WT_HANDSHAKE_FINISHED, 0}};
    const size_t n = sizeof full / sizeof *full;
    struct wt_flow flow;
    (void)state;
    wt_flow_start(&flow);
    for (size_t i = 0; i < n; i++) {
        assert_true(wt_flow_can_go_on(&flow, full[i].side));
        assert_false(i && wt_flow_can_go_on(&flow, !full[i].side));
        (void)wt_flow_step(&flow, full[i].side, full[i].message, full[i].facts, WT_FLOW_STRICT, NULL);
    }
    assert_false(wt_flow_can_go_on(&flow, 0) || wt_flow_can_go_on(&flow, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),        cmocka_unit_test(test_states_reachable), cmocka_unit_test(test_state_names),
        cmocka_unit_test(test_keys),        cmocka_unit_test(test_strict),           cmocka_unit_test(test_forbidden),
        cmocka_unit_test(test_early),       cmocka_unit_test(test_expected),         cmocka_unit_test(test_goes_on),
        cmocka_unit_test(test_not_resumed), cmocka_unit_test(test_lenient),          cmocka_unit_test(test_skipped),
        cmocka_unit_test(test_can_go_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
