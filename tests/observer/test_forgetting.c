/* Secrets of a key log are wiped when the connection that they open has ended, where that is asked for. */
#include "keys/store.h"
#include "observer/state.h"

#include <openssl/evp.h>

#include "met.h"

static bool has(const struct peers *who)
{
    return wt_keylog_has(wt_keys_keylog(s.keys), who->random[WT_CLIENT]);
}

static void both_logs(struct wt_buffer *log)
{
    assert_true(wt_buffer_add(log, p.log.p, p.log.n) && wt_buffer_add(log, q.log.p, q.log.n) &&
                wt_buffer_add_char(log, 0));
}

static void test_ended(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        const uint16_t version = i & 1 ? WT_TLS13 : WT_TLS12;
        struct wt_buffer log = {0};
        peers_meet(&p, &(struct plan){.seed = 1, .version = version});
        peers_meet(&q, &(struct plan){.seed = 2, .version = version});
        peers_say(&p, WT_CLIENT, "hello");
        both_logs(&log);
        see(&s, (char *)log.p, (struct wt_observer_options){.forget_secrets = i < 2, .as_they_end = true});
        assert_true(has(&p) && has(&q));
        see_stream(&s, &p, AS_PASSED, 0, FIN);
        wt_observer_finish(s.observer);
        assert_true(has(&q)); /* its connection may come */
        see_stream(&s, &q, AS_PASSED, 0, FIN);
        wt_observer_finish(s.observer);
        assert_int_equal(s.told[0].c.decryption, WT_DECRYPTION_KEYLOG);
        assert_int_equal(has(&p), i >= 2);
        assert_int_equal(has(&q), i >= 2);
        if (i < 2) /* nor is the last one that was derived in a hash's memory */
            assert_null(EVP_MD_CTX_get0_md(wt_crypto_scratch(s.observer->crypto)));
        wt_buffer_free(&log);
        (void)part(NULL);
    }
}

/* RFC 5246, 7.4.1.2: the handshake within the connection has a random of its own. */
static void test_renegotiated(void **state)
{
    (void)state;
    struct peers first;
    peers_meet(&p, &(struct plan){.seed = 1});
    first = p;
    peers_meet_again(&p, &(struct plan){.seed = 3});
    peers_say(&p, WT_CLIENT, "again");
    assert_true(wt_buffer_add_char(&p.log, 0));
    see(&s, (char *)p.log.p, (struct wt_observer_options){.forget_secrets = true});
    assert_true(has(&p) && has(&first));
    see_stream(&s, &p, AS_PASSED, 0, FIN);
    wt_observer_finish(s.observer);
    assert_string_equal(s.said, ">again;.");
    assert_false(has(&p) || has(&first));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_ended, part),
        cmocka_unit_test_teardown(test_renegotiated, part),
    };
    return cmocka_run_group_tests(tests, NULL, end);
}
