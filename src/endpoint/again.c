/* Another handshake in a connection of TLS 1.2. Only where the program has allowed it, with renegotiation_info, which
 * binds it to the one before (RFC 5746), and extended_master_secret, which binds that one to its certificates (RFC
 * 7627). Application data of ours waits for its end. */
#include "endpoint/again.h"

#include "base/memory.h"
#include "endpoint/client.h"
#include "endpoint/endpoint.h"
#include "endpoint/failure.h"
#include "endpoint/messages.h"
#include "endpoint/output.h"

#include <stdlib.h>

static bool may(const struct wt_endpoint *e)
{
    const struct wt_chosen *c = &e->h.agreed.chosen;
    return e->party->o.renegotiation && e->established && !e->again && !c->tls13 && c->secure_renegotiation &&
           c->extended_master && !e->failure.id && !e->closed && !e->said_close;
}

static bool begin(struct wt_endpoint *e)
{
    struct wt_before *before = wt_malloc(sizeof *before);
    bool is_size;
    if (!before || !wt_endpoint_again(e)) {
        free(before);
        return wt_endpoint_broken(e);
    }
    *before = (struct wt_before){e->h.agreed.chosen, e->requested, e->resumed};
    e->x->before = before;
    for (unsigned side = WT_CLIENT; side <= WT_SERVER; side++) {
        e->most[side] = wt_rules_record_most(&e->h.agreed, side, &is_size);
        e->most_is_size = is_size;
    }
    e->again = true;
    e->requested = e->resumed = false;
    wt_messages_clear(&e->h.messages);
    wt_agreed_renegotiate(&e->h.agreed);
    return true;
}

/* RFC 5246, 7.2.2, no_renegotiation: "This message is always a warning." */
static bool decline(struct wt_endpoint *e)
{
    e->declined = true;
    return ++e->warnings > WT_LIMIT_WARNINGS ? wt_endpoint_too_much(e, WT_EXCESS_REFUSALS, WT_LIMIT_WARNINGS)
                                             : wt_endpoint_send_alert(e, 1, WT_ALERT_NO_RENEGOTIATION);
}

/* A handshake costs the client less than the server. */
static bool is_too_often(struct wt_endpoint *e)
{
    return ++e->again_count > WT_LIMIT_RENEGOTIATIONS;
}

bool wt_again_hello(struct wt_endpoint *e)
{
    if (e->again)
        return wt_endpoint_fail(e, WT_ALERT_UNEXPECTED_MESSAGE, "unexpected-message");
    if (!may(e)) {
        (void)decline(e);
        return false;
    }
    if (is_too_often(e))
        return wt_endpoint_too_much(e, WT_EXCESS_RENEGOTIATIONS, WT_LIMIT_RENEGOTIATIONS);
    return begin(e);
}

/* RFC 5246, 7.4.1.1: "This message will be ignored by the client if the client is currently negotiating a session." */
bool wt_again_requested(struct wt_endpoint *e)
{
    if (!e->established || e->again)
        return true;
    if (!may(e))
        return decline(e);
    if (is_too_often(e))
        return wt_endpoint_too_much(e, WT_EXCESS_RENEGOTIATIONS, WT_LIMIT_RENEGOTIATIONS);
    return begin(e) && wt_client_hello(e);
}

bool wt_endpoint_renegotiate(struct wt_endpoint *e)
{
    const struct wt_message_body request = {.type = WT_HANDSHAKE_HELLO_REQUEST};
    if (!may(e))
        return false;
    return e->side == WT_CLIENT ? begin(e) && wt_client_hello(e) : wt_endpoint_say(e, &request) && wt_endpoint_flush(e);
}

/* RFC 5746, 3.5: the client's has its own verify_data; 3.7: the server's both. Of a first handshake: nothing. */
struct wt_span wt_again_data(const struct wt_endpoint *e, unsigned side, uint8_t room[72])
{
    const struct wt_agreed *a = &e->h.agreed;
    size_t n = 0;
    for (unsigned s = WT_CLIENT; e->again && s <= side; s++) {
        memcpy(room + n, a->verify_data[s], a->verify_data_length[s]);
        n += a->verify_data_length[s];
    }
    return wt_span_of(room, n);
}
