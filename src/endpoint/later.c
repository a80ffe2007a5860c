/* Post-handshake authentication. What is signed covers the handshake's messages, the request, and the answer: only
 * where both sides have agreed on it are they kept. One request is open at a time. */
#include "endpoint/later.h"

#include "base/memory.h"
#include "base/uninitialized.h"
#include "endpoint/client.h"
#include "endpoint/endpoint.h"
#include "endpoint/failure.h"
#include "endpoint/flight.h"
#include "endpoint/messages.h"
#include "endpoint/offers.h"
#include "endpoint/output.h"

bool wt_later_keeps(const struct wt_endpoint *e)
{
    return e->established && e->h.agreed.chosen.tls13 && e->party->o.post_handshake_auth &&
           wt_flow_has(&e->flow, WT_FACT_POST_AUTH_OFFERED);
}

/* RFC 8446, 4.3.2: "An opaque string which identifies the certificate request and which will be echoed in the client's
 * Certificate message. The certificate_request_context MUST be unique within the scope of this connection (thus
 * preventing replay of client CertificateVerify messages)." "When requesting post-handshake authentication, the server
 * SHOULD make the context unpredictable to the client (e.g., by randomly generating it) in order to prevent an attacker
 * who has temporary access to the client's private key from pre-computing valid CertificateVerify messages." */
bool wt_endpoint_ask_certificate(struct wt_endpoint *e)
{
    if (e->side != WT_SERVER || !wt_later_keeps(e) || e->failure.id || e->closed || e->said_close || e->flow.requests ||
        e->later == WT_LIMIT_LATER_REQUESTS)
        return false;
    uint8_t context[1 + 16] = {++e->later};
    struct wt_message_body m = {.type = WT_HANDSHAKE_CERTIFICATE_REQUEST,
                                .certificate_request = {.request_context = wt_span_of(context, sizeof context)}};
    struct wt_block b WT_UNINITIALIZED;
    if (!wt_random_public(&e->party->random, WT_RANDOM_SESSION, context + 1, sizeof context - 1) ||
        !wt_endpoint_again(e))
        return wt_endpoint_broken(e);
    wt_block_start(&b, e, WT_IN_CR);
    wt_offers_of_request(&b, e);
    e->requested = true;
    return (wt_block_end(&b, &m.certificate_request.extensions) || wt_endpoint_broken(e)) && wt_endpoint_say(e, &m) &&
           wt_endpoint_flush(e);
}

/* --- the client's answer ------------------------------------------------------------------------------------------ */

static bool say_certificate(struct wt_endpoint *e)
{
    const struct wt_handshake_message *request =
        wt_messages_newest(&e->h.messages, WT_SERVER, WT_HANDSHAKE_CERTIFICATE_REQUEST);
    return wt_endpoint_say_certificate(e, request->body.certificate_request.request_context);
}

/* RFC 8446, 4.6.2: "All of the client's messages for a given response MUST appear consecutively on the wire with no
 * intervening messages of other types.": they go out together. */
static wt_flight_step *const flight[] = {
    wt_client_choose_identity,
    say_certificate,
    wt_endpoint_say_verify,
    wt_endpoint_say_finished,
    wt_endpoint_flush,
    wt_later_done,
    NULL,
};

bool wt_later_answer(struct wt_endpoint *e)
{
    if (++e->later > WT_LIMIT_LATER_REQUESTS)
        return wt_endpoint_too_much(e, WT_EXCESS_LATER_REQUESTS, WT_LIMIT_LATER_REQUESTS);
    return (wt_endpoint_again(e) || wt_endpoint_broken(e)) && wt_flight_start(e, flight);
}

bool wt_later_done(struct wt_endpoint *e)
{
    wt_messages_forget_later(&e->h.messages);
    wt_endpoint_forget(e);
    wt_endpoint_event(e, &(struct wt_event){.kind = WT_EVENT_CERTIFICATE});
    return true;
}
