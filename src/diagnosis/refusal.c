#include "diagnosis/refusal.h"

#include "base/i18n.h"
#include "certificate/chain.h"
#include "http/http.h"
#include "observer/judge.h"
#include "observer/keys/opener.h"
#include "observer/state.h"

#include <stdio.h>

/* Status codes with which servers refuse a request for want of an acceptable certificate. 495 and 496 are nginx's own
 * for "SSL Certificate Error" and "SSL Certificate Required", which it sends as 400 unless told otherwise; IIS and
 * Apache send 403; RFC 9110, 15.5.20: 421, where the target "does not match the connection context". */
enum { BAD_REQUEST = 400, FORBIDDEN = 403, MISDIRECTED = 421, CERTIFICATE_ERROR = 495, CERTIFICATE_REQUIRED = 496 };

static bool refuses(uint16_t status)
{
    return status == BAD_REQUEST || status == FORBIDDEN || status == MISDIRECTED || status == CERTIFICATE_ERROR ||
           status == CERTIFICATE_REQUIRED;
}

/* RFC 8446, 4.4.2.4: "the server MAY at its discretion either continue the handshake without client authentication or
 * abort". Whoever continues may refuse in the application. */
static void missing(struct wt_tls *tls, const struct wt_exchange *first)
{
    bool sure = first->status == CERTIFICATE_REQUIRED || first->status == CERTIFICATE_ERROR;
    const struct wt_list_finding *f =
        wt_finding_say(tls, WT_FINDING_CLIENT_CERTIFICATE_MISSING, first->response_frame,
                       sure ? _("The server requested a client certificate, the client sent none (an empty "
                                "Certificate), and the server "
                                "answered the first request with HTTP %u.")
                            : _("The server requested a client certificate, the client sent none (an empty "
                                "Certificate), and the server "
                                "answered the first request with HTTP %u: it probably requires one."),
                       first->status);
    if (!f)
        return;
    wt_finding_blame(tls, f, WT_FAULT_CLIENT, WT_NOTICED_BY_SERVER, !sure);
    wt_finding_grade(f, WT_WARNING);
}

/* A chain that no server should accept; who issues clients' certificates is the server's own matter. */
static bool is_unacceptable(const struct wt_judgement *v)
{
    const uint32_t faults = 1u << WT_CHAIN_EXPIRED | 1u << WT_CHAIN_NOT_YET | 1u << WT_CHAIN_SIGNATURE |
                            1u << WT_CHAIN_PURPOSE | 1u << WT_CHAIN_SELF_SIGNED;
    return v && v->faults & faults;
}

static void rejected(struct wt_tls *tls, const struct wt_exchange *first)
{
    bool sure = first->status == CERTIFICATE_ERROR;
    if (!sure && !is_unacceptable(wt_tls_chain(tls, WT_CLIENT)->judgement))
        return;
    const struct wt_certificate_facts *leaf = tls->authentication.certificates[WT_CLIENT][0];
    const struct wt_list_finding *f = wt_finding_say(
        tls, WT_FINDING_CLIENT_CERTIFICATE_REJECTED, first->response_frame,
        sure ? _("The client sent its certificate (%s), and the server answered the first request with HTTP %u: it "
                 "rejects the certificate.")
             : _("The client sent its certificate (%s), and the server answered the first request with HTTP %u: it "
                 "probably rejects the certificate."),
        leaf->parsed && leaf->subject ? leaf->subject : "?", first->status);
    if (!f)
        return;
    wt_finding_blame(tls, f, WT_FAULT_CLIENT, WT_NOTICED_BY_SERVER, !sure);
    wt_finding_grade(f, WT_WARNING);
}

/* Nobody can read the answer: that the server ended the connection right after it is what it shows. */
static void hidden(struct wt_tls *tls, const struct wt_conversation *c)
{
    unsigned server = wt_tls_direction_of(tls, WT_SERVER);
    const struct wt_data_count *client = &tls->side[WT_CLIENT].data, *answer = &tls->side[WT_SERVER].data;
    const unsigned most = 4; /* records: a request and an answer in their pieces */
    if (!wt_transport_left_first(&c->transport, server) || !tls->outcome.ready_ns || !tls->end.ns ||
        tls->end.ns - tls->outcome.ready_ns > WT_LIMIT_LEFT_NS || !answer->records || client->records > most ||
        answer->records > most || tls->side[0].missing || tls->side[1].missing)
        return;
    const struct wt_list_finding *f = wt_finding_say(
        tls, WT_FINDING_CLIENT_CERTIFICATE_MISSING, tls->end.fin[server].frame,
        wt_tls_is_13(tls)
            ? _("The server probably requested a client certificate and the client sent none (its first encrypted "
                "record "
                "is as long as an empty Certificate); the server ended the connection right after its first answer, "
                "which cannot be read: it may require a certificate.")
            : _("The server requested a client certificate and the client sent none (an empty Certificate); the server "
                "ended the connection right after its first answer, which cannot be read: it may require a "
                "certificate."));
    if (!f)
        return;
    wt_finding_blame(tls, f, WT_FAULT_CLIENT, WT_NOTICED_BY_SERVER, true);
    wt_finding_grade(f, WT_NOTICE);
}

void wt_refusal_settle(struct wt_observer *o, struct wt_conversation *c)
{
    struct wt_tls *tls = c->tls;
    const uint64_t facts = WT_FACT_CERTIFICATE_REQUESTED | WT_FACT_CLIENT_CERTIFICATE;
    bool asked = (tls->flow.facts & facts) == facts, sent = tls->authentication.count[WT_CLIENT];
    size_t n = 0, dropped = 0;
    (void)o;
    if (tls->outcome.state != WT_ESTABLISHED || tls->report.cause ||
        !(asked || tls->seen.flags & WT_SEEN_EMPTY_CERTIFICATE))
        return;
    const struct wt_exchange *exchanges =
        tls->keys && tls->keys->http ? wt_http_exchanges(tls->keys->http, &n, &dropped) : NULL;
    if (!n) {
        if (!sent && !(tls->keys && (tls->keys->by[WT_SERVER].opened || tls->keys->by[WT_CLIENT].opened)))
            hidden(tls, c);
        return;
    }
    if (!asked || !refuses(exchanges->status))
        return;
    if (sent)
        rejected(tls, exchanges);
    else
        missing(tls, exchanges);
}
