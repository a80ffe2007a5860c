/* Key exchange by a curve and ML-KEM (draft-ietf-tls-ecdhe-mlkem), where libcrypto has ML-KEM: from 3.5 on. With an
 * older one these tests are skipped; tests/interop/README.md tells how they are run with another one than the system's.
 */
#include "base/buffer.h"
#include "pair.h"
#include "registry/registry.h"

#include <string.h>

static const struct {
    uint16_t group;
    uint16_t client, server; /* bytes of the shares */
    uint16_t key;            /* where the encapsulation key begins in the client's */
    uint16_t point;          /* where the curve's share ends: in both */
    bool is_montgomery;
} hybrids[] = {
    /* draft-ietf-tls-ecdhe-mlkem, 4.1 and 4.2: X25519 comes behind ML-KEM, the two other curves before it. */
    {WT_GROUP_X25519MLKEM768, 1216, 1120, 0, 0, true},
    {WT_GROUP_SECP256R1MLKEM768, 1249, 1153, 65, 65, false},
    {WT_GROUP_SECP384R1MLKEM1024, 1665, 1665, 97, 97, false},
};
enum { HYBRIDS = sizeof hybrids / sizeof *hybrids };

/* What a share becomes on its way. */
struct spoil {
    size_t i;
    unsigned side; /* whose share */
    void (*how)(size_t i, uint8_t *share, size_t n);
    unsigned done;
    struct wt_buffer out;
};

static struct wt_span spoilt(void *context, unsigned side, struct wt_span sent)
{
    struct spoil *s = context;
    const uint16_t n = s->side == WT_CLIENT ? hybrids[s->i].client : hybrids[s->i].server;
    const uint16_t group = hybrids[s->i].group;
    const uint8_t entry[4] = {(uint8_t)(group >> 8), (uint8_t)group, (uint8_t)(n >> 8), (uint8_t)n};
    s->out.n = 0;
    assert_true(wt_buffer_add(&s->out, sent.p, sent.n));
    uint8_t *at = side == s->side && !s->done && sent.n > 9 && sent.p[0] == 22
                      ? memmem(s->out.p, s->out.n, entry, sizeof entry)
                      : NULL;
    if (!at)
        return sent;
    assert_true(at + 4 + n <= s->out.p + s->out.n);
    s->how(s->i, at + 4, n);
    s->done++;
    return wt_buffer_span(&s->out);
}

/* False where libcrypto has no such group. */
static bool start(struct pair *p, size_t i, bool retry)
{
    static uint16_t ours[2];
    struct wt_error error;
    pair_start(p, NULL);
    ours[0] = retry ? WT_GROUP_X448 : hybrids[i].group;
    ours[1] = hybrids[i].group;
    p->options[WT_CLIENT].groups = retry ? ours : &hybrids[i].group;
    p->options[WT_CLIENT].group_count = retry ? 2 : 1;
    p->options[WT_SERVER].groups = &hybrids[i].group;
    p->options[WT_SERVER].group_count = 1;
    struct wt_party *probe = wt_server_new(&p->options[WT_SERVER], &error);
    wt_party_free(probe);
    return probe != NULL;
}

static void skip_if_not(size_t count)
{
    if (!count) {
        print_message("libcrypto has no ML-KEM\n");
        skip();
    }
}

/* At once, asked for by a HelloRetryRequest, and with a session: RFC 8446, 4.2.9, psk_dhe_ke has a new exchange. */
static void established(void **state)
{
    size_t count = 0;
    (void)state;
    for (size_t i = 0; i < HYBRIDS; i++)
        for (unsigned retry = 0; retry < 2; retry++) {
            struct wt_endpoint_info info;
            struct pair p;
            if (start(&p, i, retry)) {
                count++;
                pair_first(&p);
                wt_endpoint_info(p.e[WT_CLIENT], &info);
                assert_int_equal(info.group, hybrids[i].group);
                assert_int_equal(info.retried, retry);
                pair_then(&p, 1, true);
                wt_endpoint_info(p.e[WT_SERVER], &info);
                assert_int_equal(info.group, hybrids[i].group);
                assert_int_equal(info.retried, retry);
            }
            pair_end(&p);
        }
    skip_if_not(count);
}

/* Where ML-KEM is preferred, a server without it costs no second ClientHello; the number of shares may be said. */
static void both_shares(void **state)
{
    static const uint16_t ours[] = {WT_GROUP_X25519MLKEM768, WT_GROUP_SECP256R1MLKEM768, WT_GROUP_X448};
    static const uint16_t theirs[] = {WT_GROUP_X448};
    struct wt_endpoint_info info;
    struct pair p;
    (void)state;
    for (unsigned shares = 0; shares < 4; shares++) {
        const bool is_there = start(&p, 0, false);
        if (is_there) {
            p.options[WT_CLIENT].groups = ours;
            p.options[WT_CLIENT].group_count = 3;
            p.options[WT_CLIENT].key_shares = (uint16_t)shares;
            p.options[WT_SERVER].groups = theirs;
            pair_first(&p);
            wt_endpoint_info(p.e[WT_CLIENT], &info);
            assert_int_equal(info.group, WT_GROUP_X448);
            assert_int_equal(info.retried, shares == 1 || shares == 2);
        }
        pair_end(&p);
        skip_if_not(is_there);
    }
}

/* Whose share is spoilt, and how; who ends the connection, by which alert. */
static void fails(unsigned side, void (*how)(size_t i, uint8_t *share, size_t n), unsigned who, uint8_t alert,
                  const char *finding)
{
    size_t count = 0;
    struct wt_endpoint_info info;
    for (size_t i = 0; i < HYBRIDS; i++) {
        struct spoil s = {.i = i, .side = side, .how = how};
        struct pair p;
        if (start(&p, i, false)) {
            count++;
            p.alone = true;
            p.between = spoilt;
            p.context = &s;
            pair_connect(&p);
            pair_run(&p);
            assert_int_equal(s.done, 1);
            wt_endpoint_info(p.e[who], &info);
            assert_true(info.has_alert && info.alert_sent);
            assert_int_equal(info.alert, alert);
            assert_non_null(wt_endpoint_why(p.e[who]));
            assert_string_equal(wt_endpoint_why(p.e[who])->id, finding);
        }
        pair_end(&p);
        wt_buffer_free(&s.out);
    }
    skip_if_not(count);
}

/* FIPS 203, 7.2: its first number is 4095, which is not below q = 3329. */
static void not_reduced(size_t i, uint8_t *share, size_t n)
{
    (void)n;
    memset(share + hybrids[i].key, 0xff, 3);
}

/* draft-ietf-tls-ecdhe-mlkem, 4.1: "the server MUST perform the encapsulation key check described in Section 7.2 of
 * [NIST-FIPS-203] on the client's encapsulation key, and abort with an illegal_parameter alert if it fails." */
static void encapsulation_key(void **state)
{
    (void)state;
    fails(WT_CLIENT, not_reduced, WT_SERVER, WT_ALERT_ILLEGAL_PARAMETER, "malformed-message");
}

/* RFC 7748, 6.1: a point of small order gives nothing but zeros; a NIST curve's point that is not on it. */
static void no_point(size_t i, uint8_t *share, size_t n)
{
    if (hybrids[i].is_montgomery)
        memset(share + n - 32, 0, 32);
    else
        share[hybrids[i].point - 1] ^= 1;
}

/* RFC 8446, 7.4.2: "Implementations MUST check whether the computed Diffie-Hellman shared secret is the all-zero value
 * and abort if so"; 4.2.8.2: "peers MUST validate each other's public value Q by ensuring that the point is a valid
 * point on the elliptic curve." */
static void points(void **state)
{
    (void)state;
    fails(WT_CLIENT, no_point, WT_SERVER, WT_ALERT_ILLEGAL_PARAMETER, "malformed-message");
    fails(WT_SERVER, no_point, WT_CLIENT, WT_ALERT_ILLEGAL_PARAMETER, "malformed-message");
}

/* FIPS 203, 6.3: a ciphertext that is not the encapsulated one gives another secret, and no error. */
static void other_ciphertext(size_t i, uint8_t *share, size_t n)
{
    (void)n;
    share[hybrids[i].key + 100] ^= 1;
}

static void ciphertext(void **state)
{
    (void)state;
    fails(WT_SERVER, other_ciphertext, WT_CLIENT, WT_ALERT_BAD_RECORD_MAC, "record-corrupted");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(established), cmocka_unit_test(both_shares), cmocka_unit_test(encapsulation_key),
        cmocka_unit_test(points),      cmocka_unit_test(ciphertext),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
