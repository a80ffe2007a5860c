/* The headline of a QUIC connection that failed, or is incomplete. */
#include "keyed_samples.h"

#include "wiretale/quic.h"

static const struct wt_text_options wide = {.size = sizeof wide, .columns = 200};

/* QUIC: who closed and with what, who waited in vain, and what is not here. */
static void datagrams_tell_their_end(void **state)
{
    static const struct {
        const char *cause;
        bool closed;
        const char *told;
    } rows[] = {{"rejected-by-server", true, "failed: client closed with error INVALID_TOKEN"},
                {"handshake-stalled", true, "failed: the handshake stalled, the client gave up"},
                {"handshake-stalled", false, "failed: the handshake stalled"},
                {"no-answer-to-client-hello", false, "failed: no answer to the ClientHello"},
                {"version-negotiation-failed", false, "failed: no version of QUIC in common"}};
    const struct wt_quic_close_seen close = {.from = WT_CLIENT, .code = 0x0b, .name = "INVALID_TOKEN"};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct story *s = story_hostile();
        const struct wt_finding cause = {.id = rows[i].cause, .severity = WT_FATAL, .text = ""};
        const struct wt_quic_story q = {.version = 1, .closes = &close, .close_count = rows[i].closed};
        s->c.alert_count = 0;
        s->c.client_hello_seen = true;
        s->c.findings = &cause;
        s->c.finding_count = 1;
        s->c.quic = &q;
        char *text = story_print(s, wide);
        has(text, rows[i].told);
        free(text);
        story_free(s);
    }
}

static void incomplete_datagrams_tell_what_lacks(void **state)
{
    static const struct wt_quic_count initial = {"initial", 1}, handshake = {"handshake", 1}, data = {"1rtt", 9},
                                      early = {"0rtt", 1};
    const struct {
        const struct wt_quic_count *client, *server;
        bool client_opened, server_opened, client_hello, server_hello;
        uint32_t version, offered;
        const char *told;
    } rows[] = {
        {&initial, NULL, true, false, true, false, 1, 0, "no answer of the server was captured"},
        {&handshake, NULL, false, false, false, false, 1, 0, "only the client's packets were captured"},
        {NULL, &initial, false, false, false, false, 1, 0, "only the server's packets were captured"},
        {NULL, &initial, false, false, false, false, 1, 1, "only the server's Version Negotiation packet"},
        {&initial, &initial, true, false, false, false, 1, 0, "a part of the ClientHello was not captured"},
        {&initial, &handshake, false, false, false, false, 1, 0, "its Initial packets do not open"},
        {&initial, &handshake, false, false, false, false, 7, 0, "nobody can open this version"},
        {&early, &data, false, false, false, false, 1, 0, "the capture starts within the handshake"},
        {&data, &data, false, false, false, false, 1, 0, "the capture starts after the handshake"},
        {&initial, &initial, true, true, true, false, 1, 0, "the server has got the ClientHello"},
        {&initial, &initial, true, false, true, false, 1, 0, "the server's Initial packets do not open"},
        {&initial, &handshake, true, false, true, false, 1, 0, "no ServerHello captured"},
        {&initial, &handshake, true, true, true, true, 1, 0, "the server has answered"},
        {&initial, &initial, true, true, true, true, 1, 0, "nothing that follows the ServerHello"},
        {&handshake, &handshake, true, true, true, true, 1, 0, "nothing that follows the handshake packets"},
        {&data, &handshake, true, true, true, true, 1, 0, "the end of the handshake was not captured"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct story *s = story_hostile();
        const uint32_t offered = 1;
        const struct wt_quic_story q = {
            .version = rows[i].version,
            .versions_offered = &offered,
            .versions_offered_count = rows[i].offered,
            .packets = {{rows[i].client, rows[i].client ? 1 : 0}, {rows[i].server, rows[i].server ? 1 : 0}},
            .opened = {{&initial, rows[i].client_opened}, {&initial, rows[i].server_opened}}};
        s->c.state = WT_INCOMPLETE;
        s->c.client_hello_seen = rows[i].client_hello;
        s->c.server_hello_seen = rows[i].server_hello;
        s->c.finding_count = 0;
        s->c.quic = &q;
        char *text = story_print(s, wide);
        has(text, rows[i].told);
        free(text);
        story_free(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(datagrams_tell_their_end),
        cmocka_unit_test(incomplete_datagrams_tell_what_lacks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
