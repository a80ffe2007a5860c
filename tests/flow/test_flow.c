/* The flow table: RFC 5246, 7.3; RFC 8446, 2 and 4; RFC 5077, 3.1; RFC 6066, 8. */
#include "flow/flow.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { C, S, STATES = WT_STATE_S13_DONE + 1 };

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
    STATUS = WT_HANDSHAKE_CERTIFICATE_STATUS,
    HREQ = WT_HANDSHAKE_HELLO_REQUEST,
    HRR = WT_HANDSHAKE_HELLO_RETRY_REQUEST,
    EE = WT_HANDSHAKE_ENCRYPTED_EXTENSIONS,
    EOED = WT_HANDSHAKE_END_OF_EARLY_DATA,
    KU = WT_HANDSHAKE_KEY_UPDATE,
    LEARN = 1000, /* what the hello before it told: `facts` */
};

struct act {
    unsigned side, message;
    uint32_t facts;
};

#define COUNT(a) (sizeof(a) / sizeof *(a))

static enum wt_flow_verdict step(struct wt_flow *f, const struct act *a)
{
    if (a->message == LEARN) {
        wt_flow_learn(f, a->facts);
        return WT_FLOW_EXPECTED;
    }
    return wt_flow_step(f, a->side, a->message, NULL);
}

/* Index of the first act that is not expected, or n. */
static size_t play(struct wt_flow *f, const struct act *acts, size_t n)
{
    wt_flow_start(f);
    for (size_t i = 0; i < n; i++)
        if (step(f, &acts[i]) != WT_FLOW_EXPECTED)
            return i;
    return n;
}

static void accept(const struct act *acts, size_t n, unsigned client, unsigned server)
{
    struct wt_flow f;
    assert_int_equal(play(&f, acts, n), n);
    assert_int_equal(f.state[C], client);
    assert_int_equal(f.state[S], server);
}

#define ACCEPT(acts, client, server) accept(acts, COUNT(acts), WT_STATE_##client, WT_STATE_##server)

/* --- the table ------------------------------------------------------------------------------------------------------
 */

static bool is_client_state(unsigned state)
{
    return state <= WT_STATE_C13_DONE;
}

static void test_rows(void **state)
{
    size_t n;
    const struct wt_flow_row *rows = wt_flow_rows(&n);
    (void)state;
    assert_true(n > 50);
    for (size_t i = 0; i < n; i++) {
        const struct wt_flow_row *r = &rows[i];
        assert_true(r->side <= S && r->state < STATES && r->next < STATES);
        assert_int_equal(is_client_state(r->state), r->side == C);
        assert_int_equal(is_client_state(r->next), r->side == C);
        assert_int_equal(r->need & r->forbid, 0);
        assert_true(strncmp(r->rfc, "RFC ", 4) == 0 || strncmp(r->rfc, "draft-", 6) == 0);
        assert_non_null(strchr(r->rfc, ','));
        if (r->message < 256)
            assert_non_null(wt_registry_name(WT_REG_HANDSHAKE_TYPE, r->message));
        else
            assert_true(r->message == CCS || r->message == HID);
        /* a row that an earlier one always hides says nothing */
        for (size_t k = 0; k < i; k++)
            assert_false(rows[k].side == r->side && rows[k].state == r->state && rows[k].message == r->message &&
                         (rows[k].need & ~r->need) == 0 && (rows[k].forbid & ~r->forbid) == 0);
    }
}

static void test_states_reachable(void **state)
{
    size_t n;
    const struct wt_flow_row *rows = wt_flow_rows(&n);
    bool reached[STATES] = {[WT_STATE_C_HELLO] = true, [WT_STATE_S_HELLO] = true}, left[STATES] = {0};
    (void)state;
    for (unsigned round = 0; round < STATES; round++)
        for (size_t i = 0; i < n; i++)
            if (reached[rows[i].state]) {
                left[rows[i].state] = true;
                reached[rows[i].next] = true;
            }
    for (unsigned i = 0; i < STATES; i++) {
        assert_true(reached[i]);
        assert_true(left[i]);
    }
}

static void test_state_names(void **state)
{
    (void)state;
    for (unsigned i = 0; i < STATES; i++) {
        const char *name = wt_flow_state_name((enum wt_flow_state)i);
        assert_int_equal(strncmp(name, is_client_state(i) ? "client" : "server", 6), 0);
        for (unsigned k = 0; k < i; k++)
            assert_string_not_equal(name, wt_flow_state_name((enum wt_flow_state)k));
    }
    assert_string_equal(wt_flow_state_name(WT_STATE_S_TICKET), "server_new_session_ticket");
    assert_string_equal(wt_flow_state_name(WT_STATE_C13_DONE), "client13_done");
    assert_string_equal(wt_flow_state_name((enum wt_flow_state)STATES), "unknown");
}

/* --- up to TLS 1.2 ---------------------------------------------------------------------------------------------------
 */

static const struct act ecdhe[] = {
    {C, CH, 0},   {S, SH, 0},  {S, LEARN, WT_FACT_NEEDS_SERVER_KEYS},
    {S, CERT, 0}, {S, SKE, 0}, {S, SHD, 0},
    {C, CKE, 0},  {C, CCS, 0}, {C, FIN, 0},
    {S, CCS, 0},  {S, FIN, 0},
};

static void test_tls12_full(void **state)
{
    (void)state;
    ACCEPT(ecdhe, C_DONE, S_DONE);
    /* RFC 5246, 7.4.3: ServerKeyExchange "is sent by the server only when the server Certificate message (if sent) does
     * not contain enough data"; "It is not legal to send the Server Key Exchange Message for [...] RSA". */
    static const struct act rsa[] = {{C, CH, 0},  {S, SH, 0},  {S, CERT, 0}, {S, SHD, 0}, {C, CKE, 0},
                                     {C, CCS, 0}, {C, HID, 0}, {S, CCS, 0},  {S, HID, 0}};
    ACCEPT(rsa, C_DONE, S_DONE);
    static const struct act anonymous[] = {{C, CH, 0},  {S, SH, 0},  {S, LEARN, WT_FACT_NEEDS_SERVER_KEYS},
                                           {S, SKE, 0}, {S, SHD, 0}, {C, CKE, 0},
                                           {C, CCS, 0}, {C, HID, 0}, {S, CCS, 0},
                                           {S, HID, 0}};
    ACCEPT(anonymous, C_DONE, S_DONE);
}

/* RFC 5246, 7.4.6: "This message is only sent if the server requests a certificate. If no suitable certificate is
 * available, the client MUST send a certificate message containing no certificates." 7.4.8: CertificateVerify "is only
 * sent following a client certificate that has signing capability". */
static void test_tls12_client_certificate(void **state)
{
    static const struct act full[] = {
        {C, CH, 0},
        {S, SH, 0},
        {S, LEARN, WT_FACT_NEEDS_SERVER_KEYS | WT_FACT_STATUS_PROMISED | WT_FACT_TICKET_PROMISED},
        {S, CERT, 0},
        {S, STATUS, 0},
        {S, SKE, 0},
        {S, CREQ, 0},
        {S, SHD, 0},
        {C, CERT, 0},
        {C, CKE, 0},
        {C, CV, 0},
        {C, CCS, 0},
        {C, FIN, 0},
        {S, NST, 0},
        {S, CCS, 0},
        {S, FIN, 0}};
    static const struct act without_verify[] = {{C, CH, 0},  {S, SH, 0},   {S, CERT, 0}, {S, CREQ, 0},
                                                {S, SHD, 0}, {C, CERT, 0}, {C, CKE, 0},  {C, CCS, 0},
                                                {C, HID, 0}, {S, CCS, 0},  {S, HID, 0}};
    static const struct act unasked[] = {{C, CH, 0}, {S, SH, 0}, {S, CERT, 0}, {S, SHD, 0}, {C, CERT, 0}};
    static const struct act verify_alone[] = {{C, CH, 0},  {S, SH, 0},  {S, CERT, 0}, {S, CREQ, 0},
                                              {S, SHD, 0}, {C, CKE, 0}, {C, CV, 0}};
    struct wt_flow f;
    (void)state;
    ACCEPT(full, C_DONE, S_DONE);
    ACCEPT(without_verify, C_DONE, S_DONE);
    assert_int_equal(play(&f, unasked, COUNT(unasked)), 4);
    assert_int_equal(play(&f, verify_alone, COUNT(verify_alone)), 6);
}

/* RFC 5246, 7.3, figure 2: ServerHello, [ChangeCipherSpec], Finished; then the client's. RFC 5077, figure 2: with a
 * NewSessionTicket between. */
static void test_tls12_resumed(void **state)
{
    static const struct act by_id[] = {{C, CH, 0}, {S, SH, 0}, {S, CCS, 0}, {S, FIN, 0}, {C, CCS, 0}, {C, FIN, 0}};
    static const struct act by_ticket[] = {{C, CH, 0},  {S, SH, 0},  {S, LEARN, WT_FACT_TICKET_PROMISED},
                                           {S, NST, 0}, {S, CCS, 0}, {S, HID, 0},
                                           {C, CCS, 0}, {C, HID, 0}};
    static const struct act unpromised[] = {{C, CH, 0}, {S, SH, 0}, {S, NST, 0}};
    struct wt_flow f;
    (void)state;
    ACCEPT(by_id, C_DONE, S_DONE);
    ACCEPT(by_ticket, C_DONE, S_DONE);
    assert_int_equal(play(&f, by_id, 3), 3);
    assert_true(wt_flow_has(&f, WT_FACT_RESUMED));
    /* RFC 5077, 3.3: "This message MUST NOT be sent if the server did not include a SessionTicket extension in the
     * ServerHello." */
    assert_int_equal(play(&f, unpromised, COUNT(unpromised)), 2);
    /* the client's CCS may only follow the server's: an endpoint refuses, an observer goes on */
    wt_flow_start(&f);
    wt_flow_step(&f, C, CH, NULL);
    wt_flow_step(&f, S, SH, NULL);
    wt_flow_step(&f, S, CCS, NULL);
    f.facts &= ~(uint32_t)WT_FACT_SERVER_CCS;
    assert_int_equal(wt_flow_step(&f, C, CCS, NULL), WT_FLOW_EARLY);
}

static void test_renegotiation(void **state)
{
    struct wt_flow f;
    (void)state;
    assert_int_equal(play(&f, ecdhe, COUNT(ecdhe)), COUNT(ecdhe));
    assert_int_equal(wt_flow_step(&f, S, HREQ, NULL), WT_FLOW_EXPECTED);
    for (size_t i = 0; i < COUNT(ecdhe); i++)
        assert_int_equal(step(&f, &ecdhe[i]), WT_FLOW_EXPECTED);
    assert_true(wt_flow_has(&f, WT_FACT_RENEGOTIATION));
    /* under keys that nobody opened it is hidden, and a new CCS comes */
    static const struct act hidden[] = {{C, HID, 0}, {S, HID, 0}, {C, CCS, 0}, {C, HID, 0}, {S, CCS, 0}, {S, HID, 0}};
    for (size_t i = 0; i < COUNT(hidden); i++)
        assert_int_equal(step(&f, &hidden[i]), WT_FLOW_EXPECTED);
}

/* RFC 5246, 7.3: "[messages] MUST be sent in the order [of figure 1] [...] sending handshake messages in an unexpected
 * order results in a fatal error. Unneeded handshake messages can be omitted". Each message left out in turn: which
 * later one of its sender shows it. */
static void test_tls12_each_omitted(void **state)
{
    (void)state;
    for (size_t omit = 0; omit < COUNT(ecdhe); omit++) {
        struct wt_flow f;
        bool shown = false;
        if (ecdhe[omit].message == LEARN)
            continue;
        wt_flow_start(&f);
        for (size_t i = 0; i < COUNT(ecdhe); i++) {
            enum wt_flow_verdict v = i == omit ? WT_FLOW_EXPECTED : step(&f, &ecdhe[i]);
            shown |= v != WT_FLOW_EXPECTED;
            if (i != omit && v == WT_FLOW_UNEXPECTED)
                assert_int_equal(ecdhe[i].side, ecdhe[omit].side);
        }
        unsigned m = ecdhe[omit].message;
        /* Certificate may be missing (an anonymous suite); the last Finished is missed by nobody */
        bool may = m == CERT || omit == COUNT(ecdhe) - 1 || (m == FIN && ecdhe[omit].side == C);
        assert_int_equal(shown, !may);
    }
}

/* ServerKeyExchange of ECDHE (RFC 8422, 5.4: "This message is sent when using the ECDHE_ECDSA, ECDHE_RSA [...]"). */
static void test_tls12_missing_keys(void **state)
{
    static const struct act missing[] = {{C, CH, 0}, {S, SH, 0}, {S, LEARN, WT_FACT_NEEDS_SERVER_KEYS}, {S, CERT, 0}};
    struct wt_flow f;
    (void)state;
    assert_int_equal(play(&f, missing, COUNT(missing)), COUNT(missing));
    assert_int_equal(wt_flow_step(&f, S, SHD, NULL), WT_FLOW_UNEXPECTED);
    assert_int_equal(play(&f, missing, COUNT(missing)), COUNT(missing));
    assert_int_equal(wt_flow_step(&f, S, CREQ, NULL), WT_FLOW_UNEXPECTED);
    uint16_t out[8];
    assert_int_equal(play(&f, missing, COUNT(missing)), COUNT(missing));
    assert_int_equal(wt_flow_expected(&f, S, out, 8), 1);
    assert_int_equal(out[0], SKE);
}

/* Each message changed with the next of its side. */
static void test_tls12_each_swapped(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ecdhe); i++) {
        struct act acts[COUNT(ecdhe)];
        size_t k = i + 1;
        memcpy(acts, ecdhe, sizeof ecdhe);
        while (k < COUNT(ecdhe) && (ecdhe[k].side != ecdhe[i].side || ecdhe[k].message == LEARN))
            k++;
        if (ecdhe[i].message == LEARN || k == COUNT(ecdhe))
            continue;
        acts[i] = ecdhe[k];
        acts[k] = ecdhe[i];
        struct wt_flow f;
        assert_true(play(&f, acts, COUNT(acts)) < COUNT(acts));
    }
}

/* Behind an unexpected message the cursor goes on where the table knows the message, so that one fault is told once. */
static void test_goes_on(void **state)
{
    static const struct act rest[] = {{C, CKE, 0}, {C, CCS, 0}, {C, HID, 0}, {S, CCS, 0}, {S, HID, 0}};
    struct wt_flow f;
    const struct wt_flow_row *row;
    (void)state;
    assert_int_equal(play(&f, ecdhe, 4), 4); /* up to Certificate: the keys are missing */
    assert_int_equal(wt_flow_step(&f, S, SHD, &row), WT_FLOW_UNEXPECTED);
    wt_flow_start(&f);
    assert_int_equal(wt_flow_step(&f, S, SHD, &row), WT_FLOW_UNEXPECTED);
    assert_non_null(row);
    assert_int_equal(f.state[S], WT_STATE_S_TICKET);
    wt_flow_step(&f, C, CH, NULL);
    for (size_t i = 0; i < COUNT(rest); i++)
        assert_int_equal(step(&f, &rest[i]), WT_FLOW_EXPECTED);
    struct wt_flow before = f;
    assert_int_equal(wt_flow_step(&f, C, SH, &row), WT_FLOW_UNEXPECTED); /* a client never sends it */
    assert_null(row);
    assert_memory_equal(&f, &before, sizeof f);
    assert_int_equal(wt_flow_step(&f, C, 9999, NULL), WT_FLOW_UNEXPECTED);
}

static void test_early(void **state)
{
    struct wt_flow f;
    (void)state;
    wt_flow_start(&f);
    assert_int_equal(wt_flow_step(&f, S, SH, NULL), WT_FLOW_EARLY);
    assert_int_equal(f.state[S], WT_STATE_S_FLIGHT);
    assert_int_equal(wt_flow_step(&f, C, CH, NULL), WT_FLOW_EXPECTED);
    assert_int_equal(wt_flow_step(&f, C, CKE, NULL), WT_FLOW_EARLY);
}

static void test_expected(void **state)
{
    struct wt_flow f;
    uint16_t out[16];
    (void)state;
    wt_flow_start(&f);
    assert_int_equal(wt_flow_expected(&f, C, out, 16), 1);
    assert_int_equal(out[0], CH);
    wt_flow_step(&f, C, CH, NULL);
    wt_flow_step(&f, S, SH, NULL);
    size_t n = wt_flow_expected(&f, S, out, 16);
    assert_true(n >= 4);
    assert_int_equal(wt_flow_expected(&f, S, out, 2), 2);
    assert_int_equal(wt_flow_expected(&f, S, NULL, 0), 0);
    /* whatever is said to be expected is */
    for (size_t i = 0; i < n; i++) {
        struct wt_flow g = f;
        assert_int_not_equal(wt_flow_step(&g, S, out[i], NULL), WT_FLOW_UNEXPECTED);
    }
}

/* --- TLS 1.3 ---------------------------------------------------------------------------------------------------------
 */

/* RFC 8446, 2, figure 1; 2.1, figure 2 (HelloRetryRequest); 2.2, figure 3 (PSK); 2.3, figure 4 (0-RTT). */
static void test_tls13(void **state)
{
    static const struct act full[] = {{C, CH, 0},   {C, LEARN, WT_FACT_TLS13},
                                      {S, SH, 0},   {S, EE, 0},
                                      {S, CERT, 0}, {S, CV, 0},
                                      {S, FIN, 0},  {C, FIN, 0},
                                      {S, NST, 0},  {S, NST, 0},
                                      {C, KU, 0},   {S, KU, 0}};
    static const struct act retry[] = {{C, CH, 0},   {S, HRR, 0},  {C, LEARN, WT_FACT_TLS13},
                                       {C, CH, 0},   {S, SH, 0},   {S, EE, 0},
                                       {S, CREQ, 0}, {S, CERT, 0}, {S, CV, 0},
                                       {S, FIN, 0},  {C, CERT, 0}, {C, CV, 0},
                                       {C, FIN, 0}};
    static const struct act psk[] = {
        {C, CH, 0}, {C, LEARN, WT_FACT_TLS13 | WT_FACT_RESUMED}, {S, SH, 0}, {S, EE, 0}, {S, FIN, 0}, {C, FIN, 0},
        {S, NST, 0}};
    static const struct act early[] = {{C, CH, 0},  {C, LEARN, WT_FACT_TLS13 | WT_FACT_RESUMED | WT_FACT_EARLY_OFFERED},
                                       {S, SH, 0},  {S, EE, 0},
                                       {S, FIN, 0}, {C, EOED, 0},
                                       {C, FIN, 0}};
    static const struct act no_certificate[] = {{C, CH, 0},   {C, LEARN, WT_FACT_TLS13},
                                                {S, SH, 0},   {S, EE, 0},
                                                {S, CREQ, 0}, {S, CERT, 0},
                                                {S, CV, 0},   {S, FIN, 0},
                                                {C, CERT, 0}, {C, FIN, 0}};
    /* draft-vvv-tls-alps-01, 4: the client's settings, only to a server that sent its own */
    static const struct act settings[] = {{C, CH, 0},
                                          {C, LEARN, WT_FACT_TLS13},
                                          {S, SH, 0},
                                          {S, EE, 0},
                                          {S, LEARN, WT_FACT_SETTINGS_PROMISED},
                                          {S, CERT, 0},
                                          {S, CV, 0},
                                          {S, FIN, 0},
                                          {C, EE, 0},
                                          {C, FIN, 0}};
    (void)state;
    ACCEPT(settings, C13_DONE, S13_DONE);
    ACCEPT(full, C13_DONE, S13_DONE);
    ACCEPT(retry, C13_DONE, S13_DONE);
    ACCEPT(psk, C13_DONE, S13_DONE);
    ACCEPT(early, C13_DONE, S13_DONE);
    /* RFC 8446, 4.4.2: "If the server requests client authentication but no suitable certificate is available, the
     * client MUST send a Certificate message containing no certificates"; and then no CertificateVerify. */
    ACCEPT(no_certificate, C13_DONE, S13_DONE);
    struct wt_flow f;
    assert_int_equal(play(&f, early, COUNT(early)), COUNT(early));
    assert_true(wt_flow_has(&f, WT_FACT_EARLY_ACCEPTED));
}

/* RFC 8446, 4.4.2: "The server MUST send a Certificate message whenever the agreed-upon key exchange method uses
 * certificates for authentication (this includes all key exchange methods defined in this document except PSK)." */
static void test_tls13_refused(void **state)
{
    static const struct act no_certificate[] = {
        {C, CH, 0}, {C, LEARN, WT_FACT_TLS13}, {S, SH, 0}, {S, EE, 0}, {S, FIN, 0}};
    static const struct act no_extensions[] = {{C, CH, 0}, {C, LEARN, WT_FACT_TLS13}, {S, SH, 0}, {S, CERT, 0}};
    static const struct act no_verify[] = {{C, CH, 0}, {C, LEARN, WT_FACT_TLS13}, {S, SH, 0}, {S, EE, 0}, {S, CERT, 0},
                                           {S, FIN, 0}};
    /* 4.3.2: "Servers which are authenticating with a PSK MUST NOT send the CertificateRequest message in the main
     * handshake" */
    static const struct act psk_request[] = {
        {C, CH, 0}, {C, LEARN, WT_FACT_TLS13 | WT_FACT_RESUMED}, {S, SH, 0}, {S, EE, 0}, {S, CREQ, 0}};
    /* 4.5: only a client that offered early data ends it */
    static const struct act end[] = {
        {C, CH, 0},  {C, LEARN, WT_FACT_TLS13}, {S, SH, 0}, {S, EE, 0}, {S, CERT, 0}, {S, CV, 0}, {S, FIN, 0},
        {C, EOED, 0}};
    /* 4.1.2: "If a TLS 1.3 server receives a ClientHello at any other time, it MUST terminate the connection" */
    static const struct act again[] = {{C, CH, 0}, {C, LEARN, WT_FACT_TLS13}, {C, CH, 0}};
    static const struct act update[] = {{C, CH, 0}, {C, LEARN, WT_FACT_TLS13}, {S, SH, 0}, {S, EE, 0}, {S, KU, 0}};
    static const struct act settings[] = {
        {C, CH, 0}, {C, LEARN, WT_FACT_TLS13}, {S, SH, 0}, {S, EE, 0}, {S, CERT, 0}, {S, CV, 0}, {S, FIN, 0},
        {C, EE, 0}};
    static const struct {
        const struct act *acts;
        size_t n;
    } all[] = {{no_certificate, COUNT(no_certificate)},
               {settings, COUNT(settings)},
               {no_extensions, COUNT(no_extensions)},
               {no_verify, COUNT(no_verify)},
               {psk_request, COUNT(psk_request)},
               {end, COUNT(end)},
               {again, COUNT(again)},
               {update, COUNT(update)}};
    (void)state;
    for (size_t i = 0; i < COUNT(all); i++) {
        struct wt_flow f;
        assert_int_equal(play(&f, all[i].acts, all[i].n), all[i].n - 1);
    }
}

/* RFC 6347, 4.2.1: the cookie exchange of DTLS. */
static void test_verify_request(void **state)
{
    static const struct act acts[] = {
        {C, CH, 0}, {S, WT_HANDSHAKE_HELLO_VERIFY_REQUEST, 0}, {C, CH, 0}, {S, SH, 0}, {S, CERT, 0}, {S, SHD, 0},
        {C, CKE, 0}};
    (void)state;
    ACCEPT(acts, C_VERIFY, S_TICKET);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_states_reachable),
        cmocka_unit_test(test_state_names),
        cmocka_unit_test(test_tls12_full),
        cmocka_unit_test(test_tls12_client_certificate),
        cmocka_unit_test(test_tls12_resumed),
        cmocka_unit_test(test_renegotiation),
        cmocka_unit_test(test_tls12_each_omitted),
        cmocka_unit_test(test_tls12_missing_keys),
        cmocka_unit_test(test_tls12_each_swapped),
        cmocka_unit_test(test_goes_on),
        cmocka_unit_test(test_early),
        cmocka_unit_test(test_expected),
        cmocka_unit_test(test_tls13),
        cmocka_unit_test(test_tls13_refused),
        cmocka_unit_test(test_verify_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
