/* What the text has of DTLS beside messages: cookie, connection ids, what is inside, repeats, and who ended it. */
#include "story_samples.h"

#include "wiretale/dtls.h"

static const struct wt_text_options wide = {.size = sizeof wide, .columns = 200};

static struct story *story_dtls(const struct wt_dtls_story *dtls)
{
    struct story *s = story_tls12_full();
    s->c.protocol = WT_PROTOCOL_DTLS;
    s->c.fin[0] = s->c.fin[1] = false;
    s->c.dtls = dtls;
    return s;
}

static void facts_of_the_transport(void **state)
{
    static const struct wt_dtls_story dtls = {
        .cookie = {(const uint8_t *)"cookie", 6},
        .has_client_cid = true,
        .moves = 1,
        .srtp_profile = 1,
        .inside = "CoAP",
        .retransmissions = 3,
    };
    struct story *s = story_dtls(&dtls);
    char *text = story_print(s, wide);
    (void)state;
    has(text, "extra round trip (HelloVerifyRequest), with connection IDs, 1 change of address, "
              "SRTP_AES128_CM_HMAC_SHA1_80, carries CoAP, 3 handshake messages sent again");
    free(text);
    story_free(s);
}

/* Datagrams end nothing: RFC 6347 has no FIN but close_notify. A warning of another kind ends nothing either. */
static void only_alerts_end_it(void **state)
{
    static const struct wt_dtls_story dtls = {.records = 9};
    struct story *s = story_dtls(&dtls);
    char *text = story_print(s, wide);
    (void)state;
    has(text, "its end is not in the capture");
    lacks(text, "still open");
    free(text);
    s->alerts[0] = (struct wt_alert_seen){40, WT_CLIENT, true, 1, WT_ALERT_NO_RENEGOTIATION};
    s->c.alert_count = 1;
    text = story_print(s, wide);
    has(text, "its end is not in the capture");
    free(text);
    s->alerts[1] = (struct wt_alert_seen){41, WT_SERVER, true, 1, WT_ALERT_CLOSE_NOTIFY};
    s->c.alert_count = 2;
    text = story_print(s, wide);
    has(text, "closed by the server");
    free(text);
    story_free(s);
}

/* RFC 9147, 7, and RFC 6347, 4.2.1: what only DTLS has among its messages. */
static void its_own_messages(void **state)
{
    static const struct wt_dtls_story dtls = {.records = 9};
    struct story *s = story_dtls(&dtls);
    (void)state;
    story_handshake(s, 41, WT_SERVER, WT_HANDSHAKE_HELLO_VERIFY_REQUEST, "feff0401020304");
    story_add(s, 42, WT_CLIENT, 26, 0, WT_MESSAGE_ENCRYPTED | WT_MESSAGE_DECRYPTED, NULL);
    char *text = story_print(s, wide);
    has(text, "asks the client to prove its address: cookie of 4 bytes");
    has(text, " ACK ═");
    free(text);
    story_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(facts_of_the_transport),
        cmocka_unit_test(only_alerts_end_it),
        cmocka_unit_test(its_own_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
