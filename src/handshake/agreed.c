/* Messages add to what was agreed. */
#include "handshake/agreed.h"

_Static_assert(sizeof(struct wt_agreed) <= 1088, "a connection that is not up yet must stay cheap: limits.h");

void wt_agreed_start(struct wt_agreed *a, bool first)
{
    memset(a, 0, sizeof *a);
    a->first = first;
}

void wt_agreed_renegotiate(struct wt_agreed *a)
{
    struct wt_agreed before = *a;
    memset(a, 0, sizeof *a);
    a->interleaved = before.interleaved;
    if (!before.verify_data_length[WT_CLIENT] || !before.verify_data_length[WT_SERVER])
        return;
    a->again = true;
    a->was_secure = before.chosen.secure_renegotiation;
    a->was_extended = before.chosen.extended_master;
    memcpy(a->verify_data_length, before.verify_data_length, sizeof a->verify_data_length);
    memcpy(a->verify_data, before.verify_data, sizeof a->verify_data);
}

void wt_agreed_message(struct wt_agreed *a, unsigned side, const struct wt_message_body *m, bool whole)
{
    switch (m->type) {
    case WT_HANDSHAKE_CLIENT_HELLO:
        wt_agreed_client_hello(a, &m->client_hello, whole);
        break;
    case WT_HANDSHAKE_SERVER_HELLO:
        wt_agreed_server_hello(a, &m->server_hello, whole);
        break;
    case WT_HANDSHAKE_HELLO_RETRY_REQUEST:
        wt_agreed_old_retry(a, &m->hello_retry_request);
        break;
    case WT_HANDSHAKE_ENCRYPTED_EXTENSIONS:
        if (side == WT_SERVER)
            wt_agreed_encrypted_extensions(a, &m->encrypted_extensions);
        break;
    case WT_HANDSHAKE_SERVER_KEY_EXCHANGE:
        wt_agreed_server_key_exchange(a, &m->server_key_exchange);
        break;
    case WT_HANDSHAKE_CERTIFICATE_REQUEST:
        wt_agreed_certificate_request(a, &m->certificate_request, whole);
        break;
    case WT_HANDSHAKE_CERTIFICATE_VERIFY:
        wt_agreed_certificate_verify(a, side, &m->certificate_verify);
        break;
    case WT_HANDSHAKE_FINISHED:
        wt_agreed_finished(a, side, m->finished.verify_data);
        break;
    default:
        break;
    }
}
