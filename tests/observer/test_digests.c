/* Digests of what peers said, made at once or on a second thread. */
#include "../base/greedy.h"
#include "peers.h"

#include "base/thread.h"

#include <dirent.h>
#include <unistd.h>

static struct peers p;

struct digested {
    struct wt_plaintext_count of[2];
    unsigned threads; /* while the connection was open */
};

static void keep_digests(void *context, const struct wt_connection *c)
{
    struct digested *d = context;
    memcpy(d->of, c->plaintext, sizeof d->of);
}

static unsigned threads(void)
{
    unsigned n = 0;
    DIR *tasks = opendir("/proc/self/task");
    assert_non_null(tasks);
    for (const struct dirent *e; (e = readdir(tasks));)
        n += e->d_name[0] != '.';
    (void)closedir(tasks);
    return n;
}

static struct digested digested(bool second_thread)
{
    struct digested d = {.threads = 0};
    const struct wt_address client = {.port = 1}, server = {.port = 2};
    struct wt_keys *keys = wt_keys_new(NULL, NULL);
    struct wt_keys_log *log = wt_keys_log_open(keys, "log", false);
    wt_keys_log_feed(log, p.log.p, p.log.n);
    wt_keys_log_close(log);
    struct wt_observer *o = wt_observer_new(&(struct wt_observer_options){.size = sizeof(struct wt_observer_options),
                                                                          .connection = keep_digests,
                                                                          .context = &d,
                                                                          .keys = keys,
                                                                          .digest_plaintext = true,
                                                                          .second_thread = second_thread},
                                            NULL);
    struct wt_stream *stream = wt_observer_stream(o, &client, &server);
    for (size_t i = 0; i < p.n; i++)
        wt_stream_bytes(stream, p.pieces[i].from, (struct wt_time){0}, p.pieces[i].b.p, p.pieces[i].b.n);
    d.threads = threads();
    wt_stream_close(stream, (struct wt_time){0}, false);
    wt_observer_finish(o);
    wt_observer_free(o);
    wt_keys_free(keys);
    return d;
}

/* As if the system had no thread to give: one that asks for more memory than there is cannot be had. */
static struct digested digested_without(void)
{
    pthread_attr_t usual;
    be_greedy(&usual);
    const struct digested d = digested(true);
    be_modest(&usual);
    return d;
}

/* Of streams of 64 KiB and fewer digests are made at once; of longer ones on a second thread, when it is asked for. */
static void test_second_thread(void **state)
{
    enum { RECORD = 16384, FEW = 4, MANY = 40 };
    static char text[RECORD + 1];
    const bool can = wt_thread_is_worth_it();
    (void)state;
    for (unsigned n = FEW; n <= MANY; n += MANY - FEW) {
        struct wt_buffer said = {0};
        uint8_t digest[WT_DIGEST_MOST];
        peers_meet(&p, &(struct plan){.version = WT_TLS13});
        for (unsigned i = 0; i < n; i++) {
            memset(text, 'a' + (int)(i % 26), RECORD);
            peers_say(&p, WT_SERVER, text);
            peers_say(&p, WT_CLIENT, "more");
            assert_true(wt_buffer_add(&said, text, RECORD));
        }
        assert_int_equal(wt_digest(p.crypto, WT_HASH_SHA256, wt_buffer_span(&said), digest), 32);
        const unsigned before = threads();
        const struct digested alone = digested(false), beside = digested(true);
        assert_int_equal(alone.threads, before);
        assert_int_equal(alone.of[WT_SERVER].bytes, n * RECORD);
        assert_memory_equal(alone.of[WT_SERVER].sha256, digest, 32);
        assert_memory_equal(beside.of[WT_SERVER].sha256, digest, 32);
        assert_memory_equal(beside.of, alone.of, sizeof alone.of);
        const struct digested without = digested_without();
        assert_memory_equal(without.of, alone.of, sizeof alone.of);
        assert_int_equal(without.threads, threads());
        /* it is gone again; a sanitizer may have one of its own, which it starts with the first */
        assert_int_equal(beside.threads - threads(), n == MANY && can);
        wt_buffer_free(&said);
        peers_part(&p);
    }
}

static int end(void **state)
{
    (void)state;
    peers_forget();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_second_thread)};
    return cmocka_run_group_tests(tests, NULL, end);
}
