/* What goes with certificates: OCSP responses, compression, authorities that a server names. */
#include "../certificate/sct.h"
#include "base/span.h"
#include "endpoint/identity.h"
#include "pair.h"

#include "registry/limits.h"
#include "registry/registry.h"

#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static const uint16_t versions[] = {WT_TLS12, WT_TLS13};

/* --- OCSP --------------------------------------------------------------------------------------------------------- */

enum staple { STAPLE_NONE, STAPLE_GOOD, STAPLE_REVOKED, STAPLE_UNKNOWN, STAPLE_OLD, STAPLE_BROKEN, STAPLE_OTHER };

static X509 *leaf_of(const struct test_pem *chain)
{
    BIO *bio = BIO_new_mem_buf(chain->text, (int)chain->n);
    X509 *x = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    assert_non_null(x);
    return x;
}

/* The authority's response about the certificate. */
static uint8_t *respond(const struct test_ca *ca, X509 *leaf, enum staple what, size_t *n)
{
    static const int statuses[] = {[STAPLE_REVOKED] = V_OCSP_CERTSTATUS_REVOKED,
                                   [STAPLE_UNKNOWN] = V_OCSP_CERTSTATUS_UNKNOWN,
                                   [STAPLE_OTHER] = V_OCSP_CERTSTATUS_GOOD};
    const long shift = what == STAPLE_OLD ? -86400L * 10 : 0;
    OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
    OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), what == STAPLE_OTHER ? ca->certificate : leaf, ca->certificate);
    ASN1_TIME *from = ASN1_TIME_set(NULL, TEST_NOW - 3600 + shift),
              *until = ASN1_TIME_set(NULL, TEST_NOW + 3600 + shift);
    assert_non_null(OCSP_basic_add1_status(basic, id, statuses[what], 0, from, from, until));
    assert_int_equal(OCSP_basic_sign(basic, ca->certificate, ca->key, EVP_sha256(), NULL, OCSP_NOCERTS), 1);
    OCSP_RESPONSE *response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
    uint8_t *der = NULL;
    *n = (size_t)i2d_OCSP_RESPONSE(response, &der);
    OCSP_RESPONSE_free(response);
    OCSP_BASICRESP_free(basic);
    OCSP_CERTID_free(id);
    ASN1_TIME_free(from);
    ASN1_TIME_free(until);
    return der;
}

static void staple(struct pair *p, enum staple what, bool must_staple)
{
    const struct test_leaf leaf = {.must_staple = must_staple};
    struct test_pem chain, key;
    enum wt_problem_id why;
    size_t n;
    test_identity_pem(&p->ca, &leaf, &chain, &key);
    wt_identity_free(p->identity);
    p->identity = wt_identity_new(chain.text, chain.n, key.text, key.n, NULL, &why);
    assert_non_null(p->identity);
    if (what == STAPLE_BROKEN) {
        assert_true(wt_identity_staple(p->identity, "no DER", 6));
    } else if (what != STAPLE_NONE) {
        X509 *x = leaf_of(&chain);
        uint8_t *der = respond(&p->ca, x, what, &n);
        assert_true(wt_identity_staple(p->identity, der, n));
        OPENSSL_free(der);
        X509_free(x);
    }
    free(chain.text);
    free(key.text);
}

/* RFC 6066, 8: "Clients requesting an OCSP response and receiving an OCSP response in a "CertificateStatus" message
 * MUST check the OCSP response and abort the handshake if the response is not satisfactory with
 * bad_certificate_status_response(113) alert." */
static void stapled(void **state)
{
    static const struct {
        enum staple what;
        bool must_staple, required;
        uint8_t alert, status;
        const char *finding;
    } cases[] = {
        {STAPLE_NONE, false, false, 0, WT_OCSP_NONE, NULL},
        {STAPLE_GOOD, false, true, 0, WT_OCSP_GOOD, NULL},
        {STAPLE_GOOD, true, false, 0, WT_OCSP_GOOD, NULL},
        {STAPLE_NONE, true, false, WT_ALERT_BAD_CERTIFICATE_STATUS_RESPONSE, WT_OCSP_NONE, "ocsp-staple-missing"},
        {STAPLE_NONE, false, true, WT_ALERT_BAD_CERTIFICATE_STATUS_RESPONSE, WT_OCSP_NONE, "ocsp-staple-missing"},
        {STAPLE_REVOKED, false, false, WT_ALERT_CERTIFICATE_REVOKED, WT_OCSP_REVOKED, "certificate-revoked"},
        {STAPLE_UNKNOWN, false, false, WT_ALERT_BAD_CERTIFICATE_STATUS_RESPONSE, WT_OCSP_UNKNOWN, "ocsp-staple-bad"},
        {STAPLE_OLD, false, false, WT_ALERT_BAD_CERTIFICATE_STATUS_RESPONSE, WT_OCSP_NONE, "ocsp-staple-bad"},
        {STAPLE_BROKEN, false, false, WT_ALERT_BAD_CERTIFICATE_STATUS_RESPONSE, WT_OCSP_NONE, "ocsp-staple-bad"},
        {STAPLE_OTHER, false, false, WT_ALERT_BAD_CERTIFICATE_STATUS_RESPONSE, WT_OCSP_NONE, "ocsp-staple-bad"},
    };
    (void)state;
    for (unsigned v = 0; v < 2; v++)
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            struct wt_endpoint_info info;
            struct pair p;
            pair_start(&p, NULL);
            staple(&p, cases[i].what, cases[i].must_staple);
            p.options[WT_CLIENT].max_version = versions[v];
            p.options[WT_CLIENT].staple_required = cases[i].required;
            pair_connect(&p);
            pair_run(&p);
            wt_endpoint_info(p.e[WT_CLIENT], &info);
            assert_int_equal(info.status, cases[i].status);
            const struct wt_span sent = {p.identity->staple.p, p.identity->staple.n};
            assert_true(cases[i].what == STAPLE_NONE ? !info.staple.n : wt_span_equal(info.staple, sent));
            if (cases[i].finding)
                pair_assert_failed(&p, WT_CLIENT, cases[i].alert, cases[i].finding);
            else
                pair_assert_established(&p);
            pair_end(&p);
        }
}

/* --- timestamps --------------------------------------------------------------------------------------------------- */

/* What the library takes as a list is one; and no more of it than there is room for. */
static void is_list(void **state)
{
    static const uint8_t other_version[] = {0, 6, 0, 4, 5, 6, 7, 8}, empty[] = {0, 0}, empty_sct[] = {0, 2, 0, 0},
                         cut[] = {0, 6, 0, 4, 5, 6, 7}, more[] = {0, 6, 0, 4, 5, 6, 7, 8, 9},
                         cut_v1[] = {0, 3, 0, 1, 0};
    static uint8_t large[WT_LIMIT_OWN_TIMESTAMPS + 1];
    struct pair p;
    (void)state;
    pair_start(&p, NULL);
    assert_true(wt_identity_timestamps(p.identity, other_version, sizeof other_version));
    assert_false(wt_identity_timestamps(p.identity, empty, sizeof empty));
    assert_int_equal(p.identity->timestamps.n, 0);
    assert_false(wt_identity_timestamps(p.identity, empty_sct, sizeof empty_sct));
    assert_false(wt_identity_timestamps(p.identity, cut, sizeof cut));
    assert_false(wt_identity_timestamps(p.identity, more, sizeof more));
    assert_false(wt_identity_timestamps(p.identity, cut_v1, sizeof cut_v1));
    for (size_t n = sizeof large - 1; n <= sizeof large; n++) { /* one of a version that is not known */
        const uint8_t head[5] = {(uint8_t)((n - 2) >> 8), (uint8_t)(n - 2), (uint8_t)((n - 4) >> 8), (uint8_t)(n - 4),
                                 9};
        memcpy(large, head, sizeof head);
        assert_int_equal(wt_identity_timestamps(p.identity, large, n), n == WT_LIMIT_OWN_TIMESTAMPS);
    }
    assert_true(wt_identity_timestamps(p.identity, NULL, 0));
    pair_end(&p);
}

/* The log's key, as it is in a list, and its id. */
static EVP_PKEY *make_log(char line[512], uint8_t id[32])
{
    EVP_PKEY *log = EVP_EC_gen("P-256");
    uint8_t *spki = NULL;
    unsigned n = 0;
    const int length = i2d_PUBKEY(log, &spki);
    assert_true(EVP_EncodeBlock((unsigned char *)line, spki, length) > 0);
    assert_int_equal(EVP_Digest(spki, (size_t)length, id, &n, EVP_sha256(), NULL), 1);
    OPENSSL_free(spki);
    return log;
}

/* A certificate with a timestamp of a log that the client may know. */
static void stamp(struct pair *p, bool known, bool bad, struct wt_span *list, uint8_t room[TEST_SCT_ROOM])
{
    static const struct test_leaf leaf = {0};
    char line[512];
    uint8_t id[32];
    struct test_pem chain, key;
    enum wt_problem_id why;
    EVP_PKEY *log = make_log(line, id);
    test_identity_pem(&p->ca, &leaf, &chain, &key);
    wt_identity_free(p->identity);
    p->identity = wt_identity_new(chain.text, chain.n, key.text, key.n, NULL, &why);
    X509 *x = leaf_of(&chain);
    *list = wt_span_of(room, test_sct_make(log, x, id, room));
    if (bad)
        room[list->n - 1] ^= 1;
    if (known)
        assert_true(wt_trust_add_logs(p->trust, line, strlen(line), &why));
    assert_true(wt_identity_timestamps(p->identity, list->p, list->n));
    X509_free(x);
    EVP_PKEY_free(log);
    free(chain.text);
    free(key.text);
}

/* RFC 6962, 3.3.1: "Servers MUST only send SCTs to clients who have indicated support for the extension in the
 * ClientHello". What is not judged is not claimed. */
static void stamped(void **state)
{
    static const struct {
        bool asks, staples, deflates, known, bad;
        struct wt_scts scts;
    } cases[] = {
        {false, false, false, true, false, {.judged = true}},
        {true, false, false, false, false, {.extension = 1, .unknown_log = 1}},
        {true, false, false, true, false, {.extension = 1, .verified = 1, .judged = true}},
        {true, true, true, true, false, {.extension = 1, .verified = 1, .judged = true}},
        {true, false, false, true, true, {.extension = 1, .bad = 1, .judged = true}},
    };
    (void)state;
    for (unsigned v = 0; v < 2; v++)
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            struct wt_endpoint_info info;
            struct wt_span list;
            uint8_t room[TEST_SCT_ROOM];
            struct pair p;
            pair_start(&p, NULL);
            stamp(&p, cases[i].known, cases[i].bad, &list, room);
            if (cases[i].deflates)
                assert_true(wt_identity_compress(p.identity));
            p.options[WT_CLIENT].max_version = versions[v];
            p.options[WT_CLIENT].timestamps = cases[i].asks;
            p.options[WT_CLIENT].inflates = cases[i].deflates;
            p.options[WT_CLIENT].without_verification = cases[i].staples; /* what is stapled is no response */
            if (cases[i].staples)
                assert_true(wt_identity_staple(p.identity, "no DER", 6));
            pair_connect(&p);
            pair_run(&p);
            pair_assert_established(&p);
            wt_endpoint_info(p.e[WT_CLIENT], &info);
            assert_memory_equal(&info.scts, &cases[i].scts, sizeof info.scts);
            assert_true(cases[i].asks ? wt_span_equal(info.timestamps, list) : !info.timestamps.n);
            assert_int_equal(info.staple.n, cases[i].staples ? 6 : 0);
            pair_end(&p);
        }
}

/* "if the session is resumed, the server is not expected to process it or include the extension in the ServerHello" */
static void stamped_before(void **state)
{
    (void)state;
    for (unsigned v = 0; v < 2; v++) {
        struct wt_endpoint_info info;
        struct wt_span list;
        uint8_t room[TEST_SCT_ROOM];
        struct pair p;
        pair_start(&p, NULL);
        stamp(&p, false, false, &list, room);
        p.options[WT_CLIENT].max_version = versions[v];
        p.options[WT_CLIENT].timestamps = true;
        pair_first(&p);
        pair_then(&p, 1, true);
        wt_endpoint_info(p.e[WT_CLIENT], &info);
        assert_int_equal(info.timestamps.n, 0);
        assert_int_equal(info.scts.extension, 0);
        pair_end(&p);
    }
}

/* RFC 6962, 3.3: "opaque SerializedSCT<1..2^16-1>", "SerializedSCT sct_list <1..2^16-1>": anything else is no list. */
static void no_list(void **state)
{
    static const uint8_t lists[][4] = {{0, 2, 0, 0}, {0, 2, 0, 1}, {0, 0, 0, 0}};
    (void)state;
    for (unsigned v = 0; v < 2; v++)
        for (size_t i = 0; i < sizeof lists / sizeof *lists - (v == 0); i++) { /* no writer of ours writes the last */
            const struct test_leaf leaf = {.chain_too = true};
            struct pair p;
            pair_start(&p, &leaf);
            const size_t n = i == 2 ? 2 : 4;
            /* what the library would not take */
            assert_true(wt_buffer_add(&p.identity->timestamps, lists[i], n));
            assert_true(wt_identity_staple(p.identity, NULL, 0)); /* its lists are made anew */
            p.options[WT_CLIENT].max_version = versions[v];
            p.options[WT_CLIENT].timestamps = true;
            pair_connect(&p);
            pair_run(&p);
            pair_assert_failed(&p, WT_CLIENT, WT_ALERT_DECODE_ERROR, "malformed-message");
            pair_end(&p);
        }
}

/* --- compression -------------------------------------------------------------------------------------------------- */

/* RFC 8879, 4: each side, if its peer has said that it can inflate. The certificates are the same as without. */
static void compressed(void **state)
{
    (void)state;
    size_t bytes[4];
    for (unsigned i = 0; i < 4; i++) {
        const bool deflates = i & 1, inflates = i & 2;
        const struct test_leaf server = {.chain_too = true}, client = {.client = true, .chain_too = true};
        struct wt_endpoint_info info;
        struct pair p;
        pair_start(&p, &server);
        struct wt_identity *of_client = test_identity(&p.ca, &client);
        if (deflates)
            assert_true(wt_identity_compress(p.identity) && wt_identity_compress(of_client));
        for (unsigned side = 0; side < 2; side++)
            p.options[side].inflates = inflates;
        p.options[WT_CLIENT].identities = (const struct wt_identity *const *)&of_client;
        p.options[WT_CLIENT].identity_count = 1;
        p.options[WT_SERVER].request = WT_REQUEST_REQUIRED;
        pair_connect(&p);
        pair_run(&p);
        bytes[i] = p.bytes[WT_SERVER] + p.bytes[WT_CLIENT];
        pair_assert_established(&p);
        for (unsigned side = 0; side < 2; side++) {
            wt_endpoint_info(p.e[side], &info);
            assert_true(info.verified);
            assert_int_equal(info.certificate_count, 2);
        }
        pair_end(&p);
        wt_identity_free(of_client);
    }
    /* nobody inflates; eight ECDSA signatures have 68 to 72 bytes, hardly ever less */
    assert_in_range(bytes[1], bytes[0] - 48, bytes[0] + 48);
    assert_true(bytes[3] + 100 < bytes[2]);
}

/* zlib without compression: longer than what it is of, and a form that the library does not make. */
static size_t store(void *context, struct wt_span in, uint8_t *out, size_t room)
{
    uLongf n = room;
    (*(unsigned *)context)++;
    return compress2(out, &n, in.p, in.n, Z_NO_COMPRESSION) == Z_OK ? n : 0;
}

static size_t refuse(void *context, struct wt_span in, uint8_t *out, size_t room)
{
    (void)context, (void)in, (void)out, (void)room;
    return 0;
}

/* RFC 8879, 4: by the program, in preference to the library, as often as a list is made, and not by a connection. */
static void compressed_by_the_program(void **state)
{
    enum { ZLIB = 1, PRIVATE = 0xff01 };
    unsigned calls = 0;
    size_t bytes[2];
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        const struct test_leaf leaf = {.type = "ED25519", .chain_too = true};
        struct wt_endpoint_info info;
        struct pair p;
        pair_start(&p, &leaf);
        assert_true(wt_identity_compress(p.identity));
        assert_false(wt_identity_compress_by(p.identity, PRIVATE, refuse, NULL));
        if (i) {
            assert_true(wt_identity_compress_by(p.identity, PRIVATE, store, &calls)); /* which nobody asks for */
            assert_true(wt_identity_compress_by(p.identity, ZLIB, store, &calls));
        }
        const unsigned before = calls;
        p.options[WT_CLIENT].inflates = true;
        pair_connect(&p);
        pair_run(&p);
        assert_int_equal(calls, before);
        bytes[i] = p.bytes[WT_SERVER];
        pair_assert_established(&p);
        wt_endpoint_info(p.e[WT_CLIENT], &info);
        assert_true(info.verified);
        assert_int_equal(info.certificate_count, 2);
        pair_end(&p);
    }
    assert_true(bytes[1] > bytes[0] + 100);
}

static void compressed_at_most(void **state)
{
    unsigned calls = 0;
    struct pair p;
    (void)state;
    pair_start(&p, NULL);
    assert_false(wt_identity_compress_by(p.identity, 0, store, &calls));
    for (unsigned i = 0; i <= WT_LIMIT_IDENTITY_COMPRESSIONS; i++)
        assert_int_equal(wt_identity_compress_by(p.identity, (uint16_t)(0xff00 + i), store, &calls),
                         i < WT_LIMIT_IDENTITY_COMPRESSIONS);
    pair_connect(&p);
    pair_run(&p);
    pair_assert_established(&p);
    pair_end(&p);
}

/* --- authorities -------------------------------------------------------------------------------------------------- */

/* RFC 5246, 7.4.6: "one of the certificates in the certificate chain SHOULD be issued by one of
 * the listed CAs": of two identities the one that is. */
static void authorities(void **state)
{
    (void)state;
    for (unsigned v = 0; v < 2; v++)
        for (unsigned listed = 0; listed < 2; listed++) {
            const struct test_leaf leaf = {.client = true}, other_leaf = {.client = true, .name = "other.example.com"};
            struct wt_endpoint_info info;
            struct test_ca other;
            struct pair p;
            uint8_t *der = NULL;
            pair_start(&p, NULL);
            test_ca_start(&other);
            struct wt_identity *mine[2] = {test_identity(&p.ca, &leaf), test_identity(&other, &other_leaf)};
            const struct test_ca *named = listed ? &other : &p.ca;
            const int n = i2d_X509_NAME(X509_get_subject_name(named->certificate), &der);
            const struct wt_span names[1] = {wt_span_of(der, (size_t)n)};
            p.options[WT_CLIENT].max_version = versions[v];
            p.options[WT_CLIENT].identities = (const struct wt_identity *const *)mine;
            p.options[WT_CLIENT].identity_count = 2;
            p.options[WT_SERVER].request = WT_REQUEST_REQUIRED;
            p.options[WT_SERVER].authorities = names;
            p.options[WT_SERVER].authority_count = 1;
            enum wt_problem_id why;
            assert_true(wt_trust_add_ca(p.trust, other.pem.text, other.pem.n, &why));
            pair_connect(&p);
            pair_run(&p);
            pair_assert_established(&p);
            wt_endpoint_info(p.e[WT_SERVER], &info);
            assert_string_equal(info.certificates[0]->common_name, listed ? "other.example.com" : "www.example.com");
            pair_end(&p);
            for (unsigned i = 0; i < 2; i++)
                wt_identity_free(mine[i]);
            test_ca_end(&other);
            OPENSSL_free(der);
        }
}

/* RFC 8446, 4.2.3: signature_algorithms_cert is beside signature_algorithms, not in its place. */
static void certificate_schemes(void **state)
{
    static const uint16_t schemes[] = {WT_SCHEME_RSA_PSS_RSAE_SHA256}, unknown[] = {0x0001};
    struct wt_error error;
    struct pair p;
    (void)state;
    pair_start(&p, NULL);
    for (unsigned side = 0; side < 2; side++) {
        p.options[side].certificate_schemes = schemes;
        p.options[side].certificate_scheme_count = 1;
    }
    p.options[WT_SERVER].request = WT_REQUEST_OPTIONAL;
    pair_connect(&p);
    pair_run(&p);
    pair_assert_established(&p);
    pair_end(&p);
    const struct wt_endpoint_options o = {
        .size = sizeof o, .host = "www.example.com", .certificate_schemes = unknown, .certificate_scheme_count = 1};
    assert_null(wt_client_new(&o, &error));
    assert_string_equal(error.field, "certificate_schemes");
}

/* RFC 8422, 5.3, of TLS 1.2: "If the client has used a Supported Elliptic Curves Extension, the public key in the
 * server's certificate MUST respect the client's choice of elliptic curves." */
static void curve_of_the_key(void **state)
{
    static const uint16_t groups[] = {WT_GROUP_X25519};
    static const struct test_leaf rsa = {.type = "RSA"};
    (void)state;
    for (unsigned both = 0; both < 2; both++) {
        struct wt_endpoint_info info;
        struct pair p;
        pair_start(&p, NULL);
        struct wt_identity *other = test_identity(&p.ca, &rsa);
        const struct wt_identity *const identities[] = {p.identity, other};
        p.options[WT_CLIENT].max_version = WT_TLS12;
        p.options[WT_CLIENT].groups = groups;
        p.options[WT_CLIENT].group_count = 1;
        p.options[WT_SERVER].identities = identities;
        p.options[WT_SERVER].identity_count = 1 + both;
        pair_connect(&p);
        pair_run(&p);
        wt_endpoint_info(p.e[WT_CLIENT], &info);
        if (both) {
            assert_true(info.established);
            assert_int_equal(info.scheme, WT_SCHEME_RSA_PSS_RSAE_SHA256);
        } else {
            pair_assert_failed(&p, WT_SERVER, WT_ALERT_HANDSHAKE_FAILURE, "no-shared-group");
        }
        pair_end(&p);
        wt_identity_free(other);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stapled),
        cmocka_unit_test(compressed),
        cmocka_unit_test(authorities),
        cmocka_unit_test(certificate_schemes),
        cmocka_unit_test(curve_of_the_key),
        cmocka_unit_test(is_list),
        cmocka_unit_test(compressed_by_the_program),
        cmocka_unit_test(compressed_at_most),
        cmocka_unit_test(stamped),
        cmocka_unit_test(stamped_before),
        cmocka_unit_test(no_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
