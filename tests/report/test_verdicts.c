/* The head of a story: what does not hold comes first, and what may have to be copied is whole. */
#include "story_samples.h"

static const struct wt_text_options wide = {.size = sizeof wide, .columns = 200};

/* Two addresses that have no room on one line are both whole: they may have to be copied. */
static void addresses_are_never_cut(void **state)
{
    struct story *s = story_tls12_full();
    static const uint8_t ip[16] = {0x20, 0x01, 0x0d, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    static const char whole[] = "[2001:db8:102:304:506:708:90a:b0c]:443";
    static const unsigned sizes[] = {60, 80, 110, 140};
    (void)state;
    memcpy(s->c.server.ip, ip, 16);
    memcpy(s->c.client.ip, ip, 16);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *text = story_print(s, (struct wt_text_options){.columns = sizes[i]});
        has(text, whole);
        has(text, "[2001:db8:102:304:506:708:90a:b0c]:51034");
        has(text, "www.example.com");
        fits(text, sizes[i]);
        free(text);
        text = line_of(s, sizes[i]);
        has(text, "www.example.com");
        if (sizes[i] >= 110)
            has(text, whole);
        fits(text, sizes[i]);
        free(text);
    }
    story_free(s);
}

/* A pipe has no width: one line for one connection, and every name whole. */
static void lines_into_pipes_are_whole(void **state)
{
    static char name[201];
    struct story *s = story_hostile();
    struct wt_text_options options = {.size = sizeof options, .columns = 80, .unbroken = true};
    struct printed p = {NULL, 0, 0};
    struct wt_output output = {printed_write, &p, false};
    (void)state;
    memset(name, 'a', sizeof name - 1);
    s->c.sni = (struct wt_span){(const uint8_t *)name, sizeof name - 1};
    wt_report_text_line(&output, &s->c, &options);
    has(p.text, name);
    has(p.text, " no-shared-cipher-suite\n");
    assert_ptr_equal(strchr(p.text, '\n'), p.text + strlen(p.text) - 1);
    p.n = 0;
    wt_report_text_story(&output, &s->c, &options);
    has(p.text, name);
    p.n = 0;
    wt_report_text_summary(&output, name, &(struct wt_summary){.files = 1, .packets = 1}, &options);
    has(p.text, name);
    p.n = 0; /* on a terminal it is broken, and none of it is lost */
    options.unbroken = false;
    wt_report_text_summary(&output, name, &(struct wt_summary){.files = 1, .packets = 1}, &options);
    size_t letters = 0;
    for (const char *c = p.text; *c; c++)
        letters += *c == 'a';
    assert_true(letters >= sizeof name - 1);
    free(p.text);
    story_free(s);
}

/* --- what does not hold ------------------------------------------------------------------------------------------- */

static struct story *story_wrong_host(uint8_t severity)
{
    struct story *s = story_tls12_full();
    s->findings[0] = (struct wt_finding){"certificate-host-mismatch", severity, 9, "It is for another host.", NULL};
    s->c.finding_count = 1;
    s->c.proofs[WT_PROOF_HOST_NAME] = (struct wt_proof_verdict){WT_PROOF_BAD, "no name in the certificate matches", 9};
    s->c.proofs[WT_PROOF_SERVER_SIGNATURE] = (struct wt_proof_verdict){WT_PROOF_OK, NULL, 9};
    story_settle(s);
    return s;
}

static void before(const char *text, const char *first, const char *second)
{
    has(text, first);
    has(text, second);
    assert_true(strstr(text, first) < strstr(text, second));
}

static void what_fails_comes_first(void **state)
{
    struct story *s = story_wrong_host(WT_ERROR);
    char *text = story_print(s, wide);
    (void)state;
    before(text, "✗\u00a0host name: verification failed: no name in the certificate matches (packet 9)\n",
           "✓\u00a0verified: server signature\n");
    free(text);
    text = line_of(s, 80);
    has(text, " ok ");
    has(text, "✗\u00a0certificate-host-mismatch");
    free(text);
    /* an error that is no proof's is named by its id; one that is the cause is not said twice */
    s->findings[1] = (struct wt_finding){"heartbleed-leak", WT_ERROR, 12, "It leaks.", NULL};
    s->findings[2] = (struct wt_finding){"sni-missing", WT_WARNING, 12, "No name.", NULL};
    s->c.finding_count = 3;
    text = story_print(s, wide);
    before(text, "✗\u00a0heartbleed-leak\n", "✓\u00a0verified");
    free(text);
    s->findings[0].severity = WT_FATAL;
    s->c.state = WT_FAILED;
    text = story_print(s, wide);
    before(text, "cause: certificate-host-mismatch", "✗\u00a0heartbleed-leak\n");
    lacks(text, "host name: verification failed");
    free(text);
    story_free(s);
}

/* A root that only this machine lacks is no failure of the connection: no cross, and no red. */
static void notices_have_no_cross(void **state)
{
    struct story *s = story_tls12_full();
    (void)state;
    s->findings[0] = (struct wt_finding){"certificate-unknown-issuer", WT_NOTICE, 9, "Not in this store.", NULL};
    s->c.finding_count = 1;
    s->c.proofs[WT_PROOF_CHAIN] = (struct wt_proof_verdict){WT_PROOF_BAD, "the chain leads nowhere", 9};
    story_settle(s);
    for (int explain = 0; explain < 2; explain++) {
        char *text = story_print(s, (struct wt_text_options){.columns = 200, .explain = explain, .color = true});
        has(text, "–\u00a0certificate chain: not verified: the chain leads nowhere");
        lacks(text, "✗");
        lacks(text, "\033[1;31m");
        free(text);
    }
    s->findings[0].severity = WT_WARNING; /* the user said which roots are trusted */
    char *text = story_print(s, (struct wt_text_options){.columns = 200, .explain = true});
    has(text, "✗\u00a0certificate chain: verification failed: the chain leads nowhere");
    has(text, "✗ certificate chain (packet 9): verification failed");
    has(text, "✗\u00a0not trusted: the chain leads nowhere");
    free(text);
    s->findings[0].frame = 20; /* the client's certificate is another */
    text = story_print(s, wide);
    lacks(text, "✗\u00a0certificate chain");
    free(text);
    story_free(s);
}

/* The handshake came up, and something broke afterwards. */
static void failed_later(void **state)
{
    struct story *s = story_tls12_full();
    (void)state;
    s->findings[0] = (struct wt_finding){"record-corrupted", WT_FATAL, 30, "A record was modified.", NULL};
    s->c.finding_count = 1;
    story_settle(s);
    char *text = story_print(s, wide);
    has(text, "established in 61.3 ms, failed later");
    has(text, "cause: record-corrupted");
    free(text);
    text = line_of(s, 80);
    has(text, " broke ");
    has(text, " record-corrupted");
    free(text);
    story_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_never_cut), cmocka_unit_test(lines_into_pipes_are_whole),
        cmocka_unit_test(what_fails_comes_first),  cmocka_unit_test(notices_have_no_cross),
        cmocka_unit_test(failed_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
