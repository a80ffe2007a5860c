/* Records that OpenSSL, GnuTLS and NSS sealed: a Finished of each kind opens, and so does what follows it. */
#include "records.h"
#include "wording/wording.h"

static const struct peer {
    const char *capture;
    unsigned stream;
    uint16_t suite, version;
    bool encrypt_then_mac, truncated_hmac;
    const char *mac_key, *key, *iv;
    struct {
        uint8_t type;
        uint16_t version;
        const char *fragment;
    } record[2];
} peers[] = {
#define WT_PEER(capture, stream, suite, version, etm, truncated, mac_key, key, iv, t1, v1, f1, t2, v2, f2)             \
    {capture, stream, suite, version, etm, truncated, mac_key, key, iv, {{t1, v1, f1}, {t2, v2, f2}}},
#include "peers.def"
#undef WT_PEER
};

static void check_peer(const struct peer *peer)
{
    uint8_t keys[3][64], fragment[2048];
    const struct wt_protection how = {
        .suite = wt_suite_find(peer->suite),
        .version = peer->version,
        .mac_key = unhex(peer->mac_key, keys[0]),
        .key = unhex(peer->key, keys[1]),
        .iv = unhex(peer->iv, keys[2]),
        .encrypt_then_mac = peer->encrypt_then_mac,
        .truncated_hmac = peer->truncated_hmac,
    };
    struct wt_error why;
    struct wt_opened opened;
    struct wt_record_protector *p = wt_record_protector_new(crypto, &how, false, &why);
    if (!p)
        fail_msg("%s, %s, %s: %s", peer->capture, how.suite->name, wt_version_name(peer->version), why.rule);
    for (int i = 0; i < 2 && peer->record[i].type; i++) {
        struct wt_span bytes = unhex(peer->record[i].fragment, fragment);
        enum wt_opening result = wt_record_protector_open(p, peer->record[i].type, peer->record[i].version, bytes,
                                                          fragment, false, &opened, NULL);
        if (result != WT_OPENED)
            fail_msg("%s, stream %u, %s, %s, record %d: %s", peer->capture, peer->stream, how.suite->name,
                     wt_version_name(peer->version), i, wt_wording_opening(result));
        if (i > 0)
            continue;
        /* A Finished: 36 bytes in SSL 3.0, 12 up to TLS 1.2, the hash's length in TLS 1.3. */
        assert_int_equal(opened.type, WT_CONTENT_HANDSHAKE);
        assert_true(opened.text.n > 4);
        assert_int_equal(opened.text.p[0], WT_HANDSHAKE_FINISHED);
        assert_int_equal(wt_get24(opened.text.p + 1), opened.text.n - 4);
    }
    wt_record_protector_free(p);
}

static void opens_what_peers_sealed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof peers / sizeof *peers; i++)
        check_peer(&peers[i]);
    print_message("%zu kinds of records of real peers open\n", sizeof peers / sizeof *peers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(opens_what_peers_sealed)};
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
