/* Every row of protocols.def: what an endpoint would say by it is recognized as that protocol, nothing is taken for an
 * answer before there is one, and grant and refusal are told apart. */
#include "starttls/upgrades.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HOST "mail.example.org"

/* What both sides have said: [0] the client, [1] the server. */
struct said {
    struct wt_buffer by[2];
};

static struct said script_of(const struct wt_starttls *row)
{
    struct said s = {0};
    for (size_t i = 0; i < WT_STARTTLS_TURNS && row->script[i].says.n; i++)
        assert_true(wt_starttls_speak(row, row->script[i].says, HOST, &s.by[row->script[i].server]));
    return s;
}

static struct wt_span client_of(const struct said *s)
{
    return wt_buffer_span(&s->by[0]);
}

static struct wt_span server_of(const struct said *s)
{
    return wt_buffer_span(&s->by[1]);
}

static void forget(struct said *s)
{
    wt_buffer_free(&s->by[0]);
    wt_buffer_free(&s->by[1]);
}

static void check(const struct wt_starttls *row, enum wt_upgrade want, const struct said *s)
{
    struct wt_span answer;
    enum wt_upgrade got = wt_upgrades_answer(row, client_of(s), server_of(s), &answer);
    if (got != want)
        fail_msg("%s: answer %d, not %d", row->name, got, want);
    assert_int_equal(answer.n > 0, want != WT_UPGRADE_PENDING && answer.p != NULL);
    bool refused = wt_upgrades_refused(row, client_of(s), server_of(s), &answer);
    assert_int_equal(refused, want == WT_UPGRADE_REFUSED);
}

static void answers(const struct wt_starttls *row, struct wt_span says, enum wt_upgrade want)
{
    struct said s = script_of(row);
    assert_true(wt_starttls_speak(row, says, HOST, &s.by[1]));
    if (wt_starttls_find(client_of(&s), server_of(&s)) != row)
        fail_msg("%s: with its answer it is taken for another protocol", row->name);
    check(row, want, &s);
    /* nothing was slipped in; a byte behind either is seen where the protocol shows where it ends */
    assert_int_equal(wt_upgrades_after_request(row, client_of(&s)), 0);
    assert_int_equal(wt_upgrades_after_grant(row, client_of(&s), server_of(&s)), 0);
    forget(&s);
}

static void every_script_is_recognized(void **state)
{
    (void)state;
    size_t count = 0;
    for (const struct wt_starttls *row; (row = wt_starttls_at(count)); count++) {
        struct said s = script_of(row);
        const struct wt_starttls *found = wt_starttls_find(client_of(&s), server_of(&s));
        /* RDP is told by both sides' first packets */
        if (found != row && row->replies != WT_STARTTLS_RDP)
            fail_msg("%s is taken for %s", row->name, found ? found->name : "nothing");
        check(row, WT_UPGRADE_PENDING, &s);
        assert_ptr_equal(wt_starttls_of(row->name), row);
        assert_true(row->script[0].says.n > 0);
        assert_non_null(row->title);
        assert_non_null(row->source);
        /* a usual port tells what has to be asked for there; neither a proxy's, nor where TLS is not read */
        const bool asks = !(row->flags & (WT_STARTTLS_PROXY | WT_STARTTLS_WRAPPED));
        if (row->ports[0])
            assert_ptr_equal(wt_starttls_of_port(row->ports[0]), asks ? row : NULL);
        forget(&s);
    }
    assert_int_equal(count, 18);
    assert_null(wt_starttls_of("gopher"));
    assert_null(wt_starttls_of(NULL));
    assert_null(wt_starttls_of_port(443));
    assert_null(wt_starttls_of_port(0));
}

/* Behind its first lines a dialogue is known by what the server answers. */
static void a_late_beginning_is_recognized(void **state)
{
    static const struct {
        const char *client, *server, *name;
    } rows[] = {
        {"STARTTLS\r\n", "250-mx.example at your service\r\n250 STARTTLS\r\n", "smtp"},
        {"STARTTLS\r\n", "220 2.0.0 Ready to start TLS\r\n", "smtp"},
        {"STARTTLS\r\n", "", "irc"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct wt_starttls *row = wt_starttls_find(wt_span_text(rows[i].client), wt_span_text(rows[i].server));
        assert_non_null(row);
        assert_string_equal(row->name, rows[i].name);
    }
}

static void grant_and_refusal_are_told_apart(void **state)
{
    (void)state;
    unsigned grants = 0, refusals = 0;
    const struct wt_starttls *row;
    for (size_t i = 0; (row = wt_starttls_at(i)); i++) {
        if (row->grant.n) {
            answers(row, row->grant, WT_UPGRADE_GRANTED);
            grants++;
        }
        if (row->refusal.n) {
            answers(row, row->refusal, WT_UPGRADE_REFUSED);
            refusals++;
        }
        /* whoever can say no knows how to tell it */
        assert_int_equal(row->refusal.n > 0, row->replies != WT_STARTTLS_NEVER);
    }
    assert_int_equal(grants, 14);
    assert_int_equal(refusals, 15);
}

/* The server's name goes where the row has its place, into lines alone. */
static void host_is_put_in(void **state)
{
    (void)state;
    const struct wt_starttls *smtp = wt_starttls_of("smtp"), *mysql = wt_starttls_of("mysql");
    struct wt_buffer out = {0};
    assert_true(wt_starttls_speak(smtp, smtp->script[1].says, HOST, &out));
    assert_true(wt_span_equal(wt_buffer_span(&out), wt_span_text("EHLO " HOST "\r\n")));
    out.n = 0;
    assert_true(wt_starttls_speak(mysql, mysql->script[1].says, HOST, &out));
    assert_int_equal(out.n, 36);
    assert_true(wt_span_equal(wt_buffer_span(&out), mysql->script[1].says));
    wt_buffer_free(&out);
}

/* What comes after the request or the grant in the clear is counted (CVE-2011-0411 and its kin). */
static void what_is_slipped_in_is_counted(void **state)
{
    static const struct {
        const char *name;
        bool by_server;
    } rows[] = {{"smtp", true},  {"lmtp", true},   {"nntp", true}, {"ftp", true},        {"pop3", true},
                {"imap", false}, {"sieve", false}, {"irc", false}, {"postgresql", false}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct wt_starttls *row = wt_starttls_of(rows[i].name);
        struct said s = script_of(row);
        assert_true(wt_buffer_add_text(&s.by[0], "NOOP\r\n"));
        assert_true(wt_starttls_speak(row, row->grant, HOST, &s.by[1]));
        assert_true(wt_buffer_add_text(&s.by[1], "200 x\r\n"));
        assert_int_equal(wt_upgrades_after_request(row, client_of(&s)), 6);
        assert_int_equal(wt_upgrades_after_grant(row, client_of(&s), server_of(&s)), rows[i].by_server ? 7 : 0);
        forget(&s);
    }
}

/* A client that goes on in the clear chose to; one that leaves, or asks again, was refused. */
static void going_on_is_no_refusal(void **state)
{
    (void)state;
    const struct wt_starttls *row = wt_starttls_of("smtp");
    struct said s = script_of(row);
    struct wt_span answer;
    assert_true(wt_starttls_speak(row, row->refusal, HOST, &s.by[1]));
    assert_true(wt_buffer_add_text(&s.by[0], "QUIT\r\n"));
    assert_true(wt_upgrades_refused(row, client_of(&s), server_of(&s), &answer));
    assert_true(wt_buffer_add_text(&s.by[0], "MAIL FROM:<a@example.org>\r\n"));
    assert_false(wt_upgrades_refused(row, client_of(&s), server_of(&s), &answer));
    assert_int_equal(wt_upgrades_answer(row, client_of(&s), server_of(&s), &answer), WT_UPGRADE_REFUSED);
    forget(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_script_is_recognized),       cmocka_unit_test(a_late_beginning_is_recognized),
        cmocka_unit_test(grant_and_refusal_are_told_apart), cmocka_unit_test(host_is_put_in),
        cmocka_unit_test(what_is_slipped_in_is_counted),    cmocka_unit_test(going_on_is_no_refusal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
